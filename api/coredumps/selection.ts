import { createHash } from 'node:crypto'
import { labelsOf } from '../../coredump/coredump-of.ts'
import type { IndexEntry } from '../../crash/index-entry.ts'
import type { ResourceRequest } from '../resource-request.ts'
import { FieldSelector } from './field-selector.ts'
import { parseLabelSelector } from './label-selector.ts'

/** Which crashes are meant. All of it is told by names of the index. */
export interface Selection {
  /** `null`: all. */
  readonly namespace: string | null
  /** The one that can be meant; `null`: any. */
  readonly name: string | null
  readonly matches: (entry: IndexEntry) => boolean
  /** The same for the same question. */
  readonly digest: string
}

/** Throws a 400 for selectors that are none. */
export function selectionOf({ namespace, name, query }: SelectionRequest): Selection {
  const texts = [query.get('labelSelector') ?? '', query.get('fieldSelector') ?? ''] as const
  const labels = parseLabelSelector(texts[0])
  const fields = new FieldSelector(texts[1])
  const matches = (entry: IndexEntry) =>
    fields.matches(entry) && (labels.length === 0 || allOf(labels, labelsOf(entry)))
  const digest = createHash('sha256')
    .update(JSON.stringify([namespace, ...texts]))
    .digest('hex')
  return { namespace, name: name ?? fields.only('metadata.name'), matches, digest: digest.slice(0, 16) }
}

type SelectionRequest = Pick<ResourceRequest, 'namespace' | 'name' | 'query'>

function allOf<T>(conditions: readonly ((value: T) => boolean)[], value: T): boolean {
  return conditions.every(holds => holds(value))
}
