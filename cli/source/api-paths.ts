import { COREDUMP_API, type Coredump } from '../../coredump/coredump.ts'
import type { Selection } from './source.ts'

const RESOURCE = 'coredumps'

/** All coredumps of a namespace, or of all. */
export function listPath({ namespace, labels, fields }: Selection, more: Record<string, string>): string {
  const query = new URLSearchParams({
    ...(labels !== undefined && { labelSelector: labels }),
    ...(fields !== undefined && { fieldSelector: fields }),
    ...more,
  })
  const base = namespace === null ? `/apis/${COREDUMP_API}/${RESOURCE}` : inNamespace(namespace)
  return query.size === 0 ? base : `${base}?${query}`
}

/** One of them; `rest`: its subresource, and what follows. */
export function onePath({ metadata }: Pick<Coredump, 'metadata'>, ...rest: readonly string[]): string {
  return namedPath(metadata.namespace, metadata.name, ...rest)
}

export function namedPath(namespace: string, name: string, ...rest: readonly string[]): string {
  return [inNamespace(namespace), name, ...rest]
    .map((part, at) => (at === 0 ? part : encoded(part)))
    .join('/')
}

function inNamespace(namespace: string): string {
  return `/apis/${COREDUMP_API}/namespaces/${encoded(namespace)}/${RESOURCE}`
}

/** A path has no segment of dots: a client would go up by it. */
function encoded(segment: string): string {
  return encodeURIComponent(segment).replace(/^\.+$/, dots => '%2E'.repeat(dots.length))
}
