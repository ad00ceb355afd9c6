import { CHAT_TURNS } from '../../crash/upkeep-key.ts'
import type { ObjectStore } from '../../storage/object-store.ts'
import { removePast } from './remove-past.ts'

/** Nobody takes a turn for so far ahead. */
const LIFE_MS = 2 * 24 * 3_600_000

/** Removes whose turn it was to tell a bot. */
export async function removePastTurns(
  store: Pick<ObjectStore, 'list' | 'removeAll'>,
  { now, signal }: { readonly now: Date; readonly signal: AbortSignal },
): Promise<void> {
  await removePast(store, CHAT_TURNS, ({ storedAt }) => now.getTime() - storedAt.getTime() > LIFE_MS, signal)
}
