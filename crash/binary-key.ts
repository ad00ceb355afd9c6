import { keySegment, type Owner } from './object-key.ts'

/** Whose program it is: nobody else's reports name it. */
export interface BinaryOwner {
  /** `_none`: the cluster has no name. */
  readonly cluster: string
  /** `_host` of the node's own, `_unverified` where it is not sure whose it was. */
  readonly namespace: string
}

/** What all programs are below, and no crash: no namespace begins with `_`. */
export const BINARIES = '_binaries'

const NONE = '_none'

export function binaryOwner(owner: Owner, cluster = ''): BinaryOwner {
  const namespace = owner.kind === 'pod' ? keySegment(owner.namespace) : `_${owner.kind}`
  return { cluster: clusterSegment(cluster), namespace }
}

/** Empty: it has no name. */
export function clusterSegment(cluster: string): string {
  return cluster === '' ? NONE : keySegment(cluster)
}

/** Where the programs of one owner are, with a slash at its end. */
export function binariesOf({ cluster, namespace }: BinaryOwner): string {
  return `${BINARIES}/${cluster}/${namespace}/`
}

/**
 * `_binaries/<cluster>/<namespace>/<build id>/<sha256>`. A build id is whatever its builder writes, so two programs
 * may have one; `null`: it has none.
 */
export function binaryKey(owner: BinaryOwner, buildId: string | null, sha256: string): string {
  const known = buildId !== null && BUILD_ID.test(buildId) ? buildId : NONE
  return `${binariesOf(owner)}${known}/${sha256}`
}

/** `null`: a key that {@link binaryKey} does not make, so not ours. */
export function parseBinaryKey(key: string): BinaryOwner | null {
  const [first, cluster = '', namespace = '', buildId = '', sha256 = '', ...more] = key.split('/')
  if (first !== BINARIES || more.length > 0 || !isOwner({ cluster, namespace })) return null
  return (buildId === NONE || BUILD_ID.test(buildId)) && SHA256.test(sha256) ? { cluster, namespace } : null
}

const BUILD_ID = /^(?:[0-9a-f]{2}){1,64}$/
const SHA256 = /^[0-9a-f]{64}$/

function isOwner({ cluster, namespace }: BinaryOwner): boolean {
  const isNamespace = ['_host', '_unverified'].includes(namespace) || keySegment(namespace) === namespace
  return isNamespace && (cluster === NONE || keySegment(cluster) === cluster)
}
