import { parseCoredumpName } from '../../coredump/coredump-name.ts'
import type { IndexEntry } from '../../crash/index-entry.ts'
import type { ApiOutside, Indexed } from '../outside.ts'
import type { ResourceRequest } from '../resource-request.ts'
import { badRequest, expired } from '../status-error.ts'
import { type Visible, visibleTo } from '../visible.ts'
import type { ListMetadata } from './answer.ts'
import { type ContinueToken, decodeToken, encodeToken } from './continue-token.ts'
import { Position } from './position.ts'
import { type Selection, selectionOf } from './selection.ts'

/** A client that asks for more goes on behind these, as it does where it asked for nothing. */
const MOST_ITEMS = 500
/** Names that are looked at for one page, whatever is selected: 20 pages of the store. */
const MOST_NAMES = 20_000

export interface Page {
  readonly entries: readonly IndexEntry[]
  readonly metadata: ListMetadata
}

/** A page of what is asked for, by names alone, the newest first. */
export async function pageOf(
  asked: Pick<ResourceRequest, 'user' | 'namespace' | 'name' | 'query' | 'signal'>,
  outside: Pick<ApiOutside, 'index' | 'cluster' | 'mayDo' | 'namespaceCreated'>,
  now: Date = new Date(),
): Promise<Page> {
  const selection = selectionOf(asked)
  refuseExact(asked.query)
  const text = asked.query.get('continue') ?? ''
  const token = text === '' ? null : decodeToken(text, outside.cluster, selection)
  const limit = limitIn(asked.query)
  const visible = visibleTo(asked.user, outside)
  const names = namesOf(selection, outside, {
    ...(token !== null && { after: token.after }),
    signal: asked.signal,
  })
  const found = await look(names, { selection, visible, limit, position: Position.at(now) })
  const resourceVersion = token?.resourceVersion ?? found.position.toString()
  return { entries: found.entries, metadata: metadataOf(found.after, resourceVersion, selection) }
}

/** The names of the index that a selection is among. */
export function namesOf(
  { namespace, name }: Pick<Selection, 'namespace' | 'name'>,
  { index, cluster }: Pick<ApiOutside, 'index' | 'cluster'>,
  page: { readonly after?: string; readonly signal: AbortSignal },
): AsyncIterable<Indexed> {
  const named = name === null ? null : parseCoredumpName(name)
  if (name !== null && named === null) return nothing()
  if (namespace === null) return index.ofAll(named === null ? page : { ...page, ...secondOf(named.time) })
  if (named === null) return index.ofNamespace({ cluster, namespace }, page)
  return theOne(index.find({ cluster, namespace, ...named }))
}

function secondOf(time: Date): { readonly since: Date; readonly until: Date } {
  return { since: time, until: time }
}

async function* nothing(): AsyncGenerator<Indexed, void, void> {
  // Nothing can be called so.
}

/** When its name was stored, {@link CrashIndex.find} does not say; it is asked for alone, so it does not matter. */
async function* theOne(found: Promise<IndexEntry | null>): AsyncGenerator<Indexed, void, void> {
  const entry = await found
  if (entry !== null) yield { entry, key: '', storedAt: new Date() }
}

interface Look {
  readonly selection: Pick<Selection, 'matches'>
  readonly visible: Visible
  readonly limit: number
  readonly position: Position
}

interface Found {
  readonly entries: readonly IndexEntry[]
  readonly position: Position
  /** The last key that was looked at; `null`: there are no more. */
  readonly after: string | null
}

async function look(
  names: AsyncIterable<Indexed>,
  { selection, visible, limit, position }: Look,
): Promise<Found> {
  const entries: IndexEntry[] = []
  let [after, looked] = ['', 0]
  for await (const indexed of names) {
    if (entries.length === limit || looked === MOST_NAMES) return { entries, position, after }
    position.take(indexed)
    if (selection.matches(indexed.entry) && (await visible(indexed.entry))) entries.push(indexed.entry)
    after = indexed.key
    looked += 1
  }
  return { entries, position, after: null }
}

function metadataOf(after: string | null, resourceVersion: string, selection: Selection): ListMetadata {
  if (after === null) return { resourceVersion }
  const token: ContinueToken = { after, resourceVersion }
  return { resourceVersion, continue: encodeToken(token, selection) }
}

function limitIn(query: URLSearchParams): number {
  const text = query.get('limit') || '0'
  if (!/^\d{1,18}$/.test(text)) throw badRequest(`invalid limit "${text.slice(0, 200)}"`)
  return Number(text) === 0 ? MOST_ITEMS : Math.min(Number(text), MOST_ITEMS)
}

/** A list is always what there is now, which is what all other kinds of `resourceVersion` take. */
function refuseExact(query: URLSearchParams): void {
  if (query.get('resourceVersionMatch') !== 'Exact') return
  throw expired('the crashes of a resource version of before cannot be told')
}
