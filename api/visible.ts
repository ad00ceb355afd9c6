import { COREDUMP_GROUP } from '../coredump/coredump.ts'
import { clusterIn, type IndexEntry } from '../crash/index-entry.ts'
import type { ApiOutside } from './outside.ts'
import type { RequestUser } from './resource-request.ts'

/** Whether a crash exists for who asks. */
export type Visible = (entry: Pick<IndexEntry, 'cluster' | 'namespace' | 'time'>) => Promise<boolean>

/**
 * For the reads of one request. A crash from before its Namespace was created is of another one of that name, and so
 * perhaps of another owner: it is for those who may get the coredumps of all namespaces. So is that of a Namespace
 * that is gone. Of another cluster nothing is served, nor what has no pod of a namespace.
 */
export function visibleTo(
  user: RequestUser,
  { cluster, mayDo, namespaceCreated }: Pick<ApiOutside, 'cluster' | 'mayDo' | 'namespaceCreated'>,
): Visible {
  const mayGetAll = once(() => mayDo(user, { verb: 'get', group: COREDUMP_GROUP, resource: 'coredumps' }))
  const created = new Map<string, () => Promise<Date | null>>()
  const own = clusterIn(cluster)
  return async ({ cluster, namespace, time }) => {
    if (cluster !== own || namespace.startsWith('_')) return false
    const ask = created.get(namespace) ?? once(() => namespaceCreated(namespace))
    created.set(namespace, ask)
    const since = await ask()
    if (since !== null && time >= since) return true
    return await mayGetAll()
  }
}

function once<T>(ask: () => Promise<T>): () => Promise<T> {
  let asked: Promise<T> | undefined
  return () => {
    asked ??= ask()
    return asked
  }
}
