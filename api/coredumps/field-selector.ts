import { coredumpName } from '../../coredump/coredump-name.ts'
import type { IndexEntry } from '../../crash/index-entry.ts'
import { badRequest } from '../status-error.ts'

interface Requirement {
  readonly field: Field
  readonly value: string
  readonly isEqual: boolean
}

/** What can be told by the name of an index object, so that no report is read for it. */
const FIELDS = {
  'metadata.name': coredumpName,
  'metadata.namespace': ({ namespace }: IndexEntry) => namespace,
  'spec.id': ({ id }: IndexEntry) => id,
  'spec.pod.name': ({ pod }: IndexEntry) => pod,
  'spec.pod.uid': ({ podUid }: IndexEntry) => podUid ?? '',
  'spec.container': ({ container }: IndexEntry) => container,
} as const

type Field = keyof typeof FIELDS

/** `metadata.name=a,spec.container!=b`; in values `,`, `=` and `\` have a `\` before them. */
export class FieldSelector {
  readonly #requirements: readonly Requirement[]

  /** Throws a 400, also for a field that is none of {@link FIELDS}. */
  constructor(text: string) {
    if (text.length > LONGEST_SELECTOR) throw badRequest('unable to parse field selector: it is too long')
    const terms = text.match(TERMS) ?? []
    this.#requirements = terms.filter(term => term !== '').map(requirement)
  }

  matches(entry: IndexEntry): boolean {
    return this.#requirements.every(
      ({ field, value, isEqual }) => (FIELDS[field](entry) === value) === isEqual,
    )
  }

  /** The one value that it may have; `null`: more than one. */
  only(field: Field): string | null {
    return this.#requirements.find(({ field: name, isEqual }) => isEqual && name === field)?.value ?? null
  }
}

/** A URL has no more. */
const LONGEST_SELECTOR = 8192
const TERMS = /(?:\\.|[^\\,])+/gs

function requirement(term: string): Requirement {
  const [, name = '', operator = '', value = ''] = REQUIREMENT.exec(term) ?? []
  if (operator === '') throw badRequest(`invalid field selector: cannot understand "${term.slice(0, 200)}"`)
  if (!isField(name)) throw badRequest(`field label not supported: ${name.slice(0, 200)}`)
  return { field: name, value: unescaped(value), isEqual: operator !== '!=' }
}

const REQUIREMENT = /^([^=!\\]*)(==|!=|=)(.*)$/s

function isField(name: string): name is Field {
  return Object.hasOwn(FIELDS, name)
}

function unescaped(value: string): string {
  if (/^(?:\\[\\,=]|[^\\,=])*$/.test(value)) return value.replace(/\\(.)/g, '$1')
  throw badRequest(`invalid field selector: invalid value "${value.slice(0, 200)}"`)
}
