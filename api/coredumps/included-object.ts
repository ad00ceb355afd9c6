import type { Coredump } from '../../coredump/coredump.ts'
import { badRequest } from '../status-error.ts'

/** What a row of a table has besides its cells, by `includeObject`. */
export type IncludedObject = 'None' | 'Metadata' | 'Object'

export function includedIn(query: URLSearchParams): IncludedObject {
  const text = query.get('includeObject') || 'Metadata'
  if (text === 'None' || text === 'Metadata' || text === 'Object') return text
  throw badRequest(`unrecognized includeObject value: "${text.slice(0, 200)}"`)
}

export function includedObject(
  coredump: Coredump,
  include: IncludedObject,
): { readonly object?: Coredump | ObjectMetadata } {
  if (include === 'None') return {}
  return { object: include === 'Object' ? coredump : metadataOf(coredump) }
}

interface ObjectMetadata {
  readonly kind: 'PartialObjectMetadata'
  readonly apiVersion: 'meta.k8s.io/v1'
  readonly metadata: Coredump['metadata']
}

export function metadataOf({ metadata }: Pick<Coredump, 'metadata'>): ObjectMetadata {
  return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata }
}
