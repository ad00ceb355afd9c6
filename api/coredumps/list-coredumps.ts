import type { IndexEntry } from '../../crash/index-entry.ts'
import type { ApiOutside } from '../outside.ts'
import type { ResourceRequest } from '../resource-request.ts'
import { badRequest, expired } from '../status-error.ts'
import { visibleTo } from '../visible.ts'
import type { ListMetadata } from './answer.ts'
import { type ContinueToken, decodeToken, encodeToken } from './continue-token.ts'
import { look, namesOf } from './look.ts'
import { Position } from './position.ts'
import { type Selection, selectionOf } from './selection.ts'

/** A client that asks for more goes on behind these, as it does where it asked for nothing. */
const MOST_ITEMS = 500

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
