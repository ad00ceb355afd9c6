import { ownGroupFolder } from '../../crash/group-key.ts'
import type { IndexEntry } from '../../crash/index-entry.ts'
import { readReport } from '../../crash-index/read-report.ts'
import { type GroupCount, readGroupCount } from '../../groups/group-count.ts'
import { anySignal } from '../../time/any-signal.ts'
import { plain } from '../../untrusted/plain-text.ts'
import type { ResourceRequest } from '../resource-request.ts'
import { notFound, StatusError, unavailable } from '../status-error.ts'
import { COREDUMPS, crashAsked } from './crash-asked.ts'
import { ofStore } from './of-store.ts'
import { sendJson } from './send-text.ts'
import type { Streaming } from './streaming.ts'

/**
 * `{countedIn, crashes, nodes, pods, images, first, last, mutedUntil}`: how often crashes like it came to the whole
 * cluster, and until when chats hear nothing of them, where that is so. 404 where each node counts them by itself.
 */
export async function serveGroup(asked: ResourceRequest, streaming: Streaming): Promise<void> {
  const entry = await crashAsked(asked, streaming)
  const count = await ofStore(asked, streaming.log, () => inTime(asked, streaming, countOf(entry)))
  if (count === 'alone') throw noGroup(asked, 'its node counts crashes like it alone')
  if (count === null) throw noGroup(asked, 'nothing was counted of it yet')
  sendJson(asked, shown(count, new Date()))
}

function countOf(entry: IndexEntry) {
  return async (store: Streaming['store'], signal: AbortSignal): Promise<GroupCount | 'alone' | null> => {
    const folder = ownGroupFolder(entry, await readReport(store, entry, signal))
    return folder === null ? 'alone' : await readGroupCount(store, folder, signal)
  }
}

function shown({ mutedUntil, images, ...count }: GroupCount, now: Date): GroupCount {
  const isMuted = mutedUntil !== undefined && mutedUntil > now
  return { ...count, images: images.map(image => plain(image)), ...(isMuted && { mutedUntil }) }
}

async function inTime<T>(
  { signal }: Pick<ResourceRequest, 'signal'>,
  { store, limits }: Streaming,
  read: (store: Streaming['store'], signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { groupSeconds } = limits
  const late = AbortSignal.timeout(groupSeconds * 1000)
  try {
    return await read(store, anySignal([signal, late]))
  } catch (cause) {
    if (!late.aborted) throw cause
    throw unavailable(`the store has not said within ${groupSeconds} s what nodes count`, cause)
  }
}

function noGroup({ name }: Pick<ResourceRequest, 'name'>, why: string): StatusError {
  const { details } = notFound(COREDUMPS, name ?? '')
  const message = `${COREDUMPS} "${name}" has no count of the cluster: ${why}`
  return new StatusError(404, 'NotFound', message, { details })
}
