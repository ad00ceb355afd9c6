import type { ObjectInfo, ObjectStore } from '../storage/object-store.ts'
import { CrashGroup, type GroupStore } from './crash-group.ts'
import { currentSummary } from './current-summary.ts'
import type { GroupSummary } from './group-summary.ts'
import { groupsAmong, type ListedGroup } from './listed-group.ts'

/** How often the crashes of one group came to all nodes, and until when chats hear nothing of them. */
export interface GroupCount extends Omit<GroupSummary, 'folder'> {
  /** As reports name it: two counts of one folder are one. */
  readonly countedIn: string
  /** May be over; absent: nobody said so. */
  readonly mutedUntil?: Date
}

/** A page of names. Of a group of more nodes it does not matter how many more there are. */
const MOST_LISTED = 1000
/** Each is a request, and somebody waits. */
const MOST_COUNTS = 64

/**
 * What the store has of the group in `folder`; `null`: nothing is counted of it, or not yet. It is the word of whoever
 * may write to the bucket. Rejects with a StoreError, or when `signal` aborts.
 */
export async function readGroupCount(
  store: GroupStore,
  folder: string,
  signal: AbortSignal,
): Promise<GroupCount | null> {
  const listed = await listedGroup(store, folder, signal)
  if (listed === null) return null
  const group = new CrashGroup(store, folder)
  const mayRead = (objects: number) => objects <= MOST_COUNTS
  const [summary, mute] = await Promise.all([
    currentSummary(group, listed, { mayRead, signal }),
    listed.hasMute ? group.muted(signal) : null,
  ])
  if (summary === null) return null
  const { folder: _, ...count } = summary
  return { countedIn: folder, ...count, ...(mute !== null && { mutedUntil: mute.until }) }
}

/** Without the places of cores, which come first, and of which a group of years has thousands. */
async function listedGroup(
  store: Pick<ObjectStore, 'list'>,
  folder: string,
  signal: AbortSignal,
): Promise<ListedGroup | null> {
  const objects = store.list(`${folder}/`, `${folder}/kept0`)
  for await (const group of groupsAmong(firstOf(objects, MOST_LISTED, signal))) return group
  return null
}

async function* firstOf(
  objects: AsyncIterable<ObjectInfo>,
  most: number,
  signal: AbortSignal,
): AsyncGenerator<ObjectInfo> {
  let listed = 0
  for await (const object of objects) {
    signal.throwIfAborted()
    yield object
    listed += 1
    if (listed === most) return
  }
}
