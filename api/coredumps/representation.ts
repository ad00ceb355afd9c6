import { StatusError } from '../status-error.ts'

/** How an answer is wanted: as it is, as a table for people, or its metadata alone. */
export type Representation = 'object' | 'table' | 'metadata'

/** By its Accept header. Throws a 406 where nothing that it takes is made here: protobuf alone, YAML. */
export function representationFor(accept: string, verb: 'get' | 'list' | 'watch'): Representation {
  const clauses = accept.slice(0, LONGEST_ACCEPT).split(',').map(clauseOf)
  const wanted = accept.trim() === '' ? [ANY] : clauses.sort((a, b) => b.quality - a.quality)
  for (const clause of wanted) {
    const found = representationOf(clause, verb)
    if (found !== null) return found
  }
  throw new StatusError(
    406,
    'NotAcceptable',
    'only the following media types are accepted: application/json, application/json;as=Table;g=meta.k8s.io;v=v1, application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1',
  )
}

const LONGEST_ACCEPT = 4096

interface Clause {
  readonly type: string
  readonly parameters: ReadonlyMap<string, string>
  readonly quality: number
}

const ANY: Clause = { type: '*/*', parameters: new Map(), quality: 1 }

function clauseOf(text: string): Clause {
  const [type = '', ...rest] = text.split(';').map(part => part.trim())
  const parameters = new Map(rest.map(part => part.split('=', 2) as [string, string]))
  const quality = Number(parameters.get('q') ?? 1)
  return { type: type.toLowerCase(), parameters, quality: Number.isNaN(quality) ? 0 : quality }
}

function representationOf(
  { type, parameters, quality }: Clause,
  verb: 'get' | 'list' | 'watch',
): Representation | null {
  if (quality <= 0 || !TYPES.has(type)) return null
  const as = parameters.get('as')
  if (as === undefined) return 'object'
  if (parameters.get('g') !== 'meta.k8s.io' || !VERSIONS.has(parameters.get('v') ?? '')) return null
  if (as === 'Table') return 'table'
  const metadata = verb === 'list' ? ['PartialObjectMetadataList'] : METADATA
  return metadata.includes(as) ? 'metadata' : null
}

const TYPES = new Set(['application/json', '*/*', 'application/*'])
// kubectl asks for v1beta1 besides, which has the same fields.
const VERSIONS = new Set(['v1', 'v1beta1'])
const METADATA = ['PartialObjectMetadata', 'PartialObjectMetadataList']
