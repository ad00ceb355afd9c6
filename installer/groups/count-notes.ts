import type { GroupNotes } from '../../handoff/group-notes.ts'
import type { GroupTotals } from './group-totals.ts'

/**
 * One round: counts what was taken away in the last one, and takes away what came since. A kill at any moment counts
 * nothing twice and loses nothing: what is counted says by its number up to where.
 */
export async function countNotes(notes: GroupNotes, totals: GroupTotals, now: Date): Promise<void> {
  for (const number of await notes.taken()) {
    if (number > totals.counted) await totals.count(await notes.read(number), number, now)
    await notes.forget(number)
  }
  await notes.take(totals.counted + 1)
}
