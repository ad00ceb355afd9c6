import { parseCoredumpName } from '../../coredump/coredump-name.ts'
import type { IndexEntry } from '../../crash/index-entry.ts'
import type { ApiOutside, Indexed } from '../outside.ts'
import type { Visible } from '../visible.ts'
import type { Position } from './position.ts'
import type { Selection } from './selection.ts'

/** Names that are looked at for one page, whatever is selected: 20 pages of the store. */
export const MOST_NAMES = 20_000

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

export interface Found {
  readonly entries: readonly IndexEntry[]
  readonly position: Position
  /** Of how many names. */
  readonly looked: number
  /** The last key that was looked at; `null`: there are no more. */
  readonly after: string | null
}

/** Looks at names until as many were found as are wanted. */
export async function look(
  names: AsyncIterable<Indexed>,
  { selection, visible, limit, position }: Look,
): Promise<Found> {
  const entries: IndexEntry[] = []
  let [after, looked] = ['', 0]
  for await (const indexed of names) {
    if (entries.length === limit || looked === MOST_NAMES) return { entries, position, looked, after }
    position.take(indexed)
    if (selection.matches(indexed.entry) && (await visible(indexed.entry))) entries.push(indexed.entry)
    after = indexed.key
    looked += 1
  }
  return { entries, position, looked, after: null }
}
