import { TimeLimit } from '../../time/time-limit.ts'
import type { ApiOutside } from '../outside.ts'
import type { ResourceRequest } from '../resource-request.ts'
import { badRequest, invalid } from '../status-error.ts'
import type { UserSlots } from '../user-slots.ts'
import { visibleTo } from '../visible.ts'
import { Answer } from './answer.ts'
import type { Coredumps } from './coredumps.ts'
import { Position } from './position.ts'
import type { RecentCrashes } from './recent-crashes.ts'
import { selectionOf } from './selection.ts'
import { Teller } from './teller.ts'
import type { BeginningOutside } from './watch-beginning.ts'
import { WatchStream } from './watch-stream.ts'

interface WatchOutside
  extends BeginningOutside,
    Pick<ApiOutside, 'index' | 'cluster' | 'mayDo' | 'namespaceCreated'> {
  readonly beginnings: Pick<UserSlots, 'with'>
  readonly coredumps: Pick<Coredumps, 'of'>
  readonly recent: Pick<RecentCrashes, 'follow'>
  readonly bookmarkMs?: number
}

const BOOKMARK_MS = 60_000
const LONGEST_SECONDS = 60 * 60
/** A client that reads nothing for so long is gone. */
const PATIENCE_MS = 60_000

/** Each crash that is stored from the client's position on. Without one: all that there are before. */
export async function watchCoredumps(asked: ResourceRequest, outside: WatchOutside): Promise<void> {
  const selection = selectionOf(asked)
  const answer = new Answer({ ...asked, verb: 'watch' })
  const from = positionIn(asked.query, new Date())
  const position = from ?? Position.at(new Date())
  const visible = visibleTo(asked.user, outside)
  using limit = new TimeLimit(timeoutSeconds(asked.query) * 1000, asked.signal)
  const stream = new WatchStream(asked.response, limit.signal, PATIENCE_MS)
  const { user } = asked
  const teller = new Teller({ user, selection, visible, stream, answer, position }, outside.coredumps)
  const bookmarks = asked.query.get('allowWatchBookmarks') === 'true'
  const bookmarkMs = bookmarks ? (outside.bookmarkMs ?? BOOKMARK_MS) : Number.POSITIVE_INFINITY
  await stream.whole(async () => {
    if (from === null) await outside.beginnings.with(user, () => teller.tellAll(outside))
    await tellNews(teller, outside.recent, bookmarkMs)
  })
}

async function tellNews(
  teller: Teller,
  recent: Pick<RecentCrashes, 'follow'>,
  bookmarkMs: number,
): Promise<void> {
  let markedMs = Date.now()
  for await (const { found, settledMs } of recent.follow(teller.signal)) {
    await teller.tellNew(found)
    teller.settle(settledMs)
    if (Date.now() - markedMs < bookmarkMs) continue
    await teller.bookmark()
    markedMs = Date.now()
  }
}

/** `null`: it knows nothing. */
function positionIn(query: URLSearchParams, now: Date): Position | null {
  if (query.get('sendInitialEvents') !== null) throw noStreamedList()
  const text = query.get('resourceVersion') ?? ''
  return text === '' || text === '0' ? null : Position.parse(text, now)
}

/** By which a client knows that it has to list. */
function noStreamedList(): Error {
  return invalid(
    'ListOptions.meta.k8s.io',
    '',
    'sendInitialEvents',
    'is not supported: list, and watch from there',
  )
}

/** Not all end in the same moment. */
function timeoutSeconds(query: URLSearchParams): number {
  const text = query.get('timeoutSeconds') || '0'
  if (!/^\d{1,18}$/.test(text)) throw badRequest(`invalid timeoutSeconds "${text.slice(0, 200)}"`)
  if (Number(text) > 0) return Math.min(Number(text), LONGEST_SECONDS)
  return (LONGEST_SECONDS * (1 + Math.random())) / 2
}
