import type { OutboxFolder } from '../../handoff/outbox-folder.ts'
import { inParallel } from '../../time/in-parallel.ts'
import { isUnsettled } from '../outbox/unsettled.ts'
import { resolved, type Settling } from './settle.ts'

/** Each is a request or two. */
const AT_ONCE = 8
const MOST_IN_A_ROUND = 200

type Outbox = Pick<OutboxFolder, 'ids' | 'read' | 'write'>

/**
 * Finds out of what waits in the outbox for that who tells people of it. `settled`: the crashes of which that is known,
 * which are not read again: thousands may wait for a destination that is away, and keep no other one from being settled.
 */
export async function settleEntries(
  outbox: Outbox,
  settling: Settling,
  settled: Set<string> = new Set(),
): Promise<void> {
  const ids = new Set(await outbox.ids())
  for (const id of settled) if (!ids.has(id)) settled.delete(id)
  let left = MOST_IN_A_ROUND
  const unknown = [...ids].filter(id => !settled.has(id))
  await inParallel(unknown, AT_ONCE, async id => {
    if (left <= 0) return
    const found = await settleOne(id, outbox, settling)
    if (found === 'settled') settled.add(id)
    else left -= 1
  })
}

/** `settled`: it is none of those, or not any more. */
async function settleOne(id: string, outbox: Outbox, settling: Settling): Promise<'settled' | 'asked'> {
  const entry = await outbox.read(id)
  if (entry === null || typeof entry === 'string' || !isUnsettled(entry, settling.now())) return 'settled'
  const known = await resolved(entry, settling)
  if (known !== null) await outbox.write(known)
  return 'asked'
}
