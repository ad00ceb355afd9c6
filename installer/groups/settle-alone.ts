import type { OutboxEntry } from '../../handoff/outbox-entry.ts'
import type { OutboxFolder } from '../../handoff/outbox-folder.ts'
import { inParallel } from '../../time/in-parallel.ts'
import { withinSeconds } from '../../time/within-seconds.ts'
import { isDue } from '../outbox/delivery.ts'
import { resolved, type Settling } from './settle.ts'

/** Each is a request or two. */
const AT_ONCE = 8
/** All together, and one of them. */
const ASKING_SECONDS = 5
const ANSWER_SECONDS = 5

/**
 * Makes all that waits in the outbox due now, because nobody comes after us: what is still to be found out is told by
 * this node, unless the store says that its group is muted. The store is asked for some seconds; what it does not say by
 * then is told all the same. What a handler is at stays its own, and what is not reached until `signal` aborts as it is.
 */
export async function settleAlone(
  outbox: Pick<OutboxFolder, 'ids' | 'read' | 'write'>,
  settling: Omit<Settling, 'isCounted' | 'isSomebodyThere'>,
  signal: AbortSignal,
): Promise<void> {
  const asking = AbortSignal.timeout(ASKING_SECONDS * 1000)
  const alone = { ...settling, isCounted: () => true, isSomebodyThere: async () => false }
  await inParallel(await outbox.ids(), AT_ONCE, async id => {
    if (signal.aborted) return
    const entry = await outbox.read(id)
    if (entry === null || typeof entry === 'string') return
    if (entry.attempts === 0 && !isDue(entry, settling.now())) return
    const known = await decided(entry, alone, asking)
    if (known !== entry || entry.notBefore !== null) await outbox.write({ ...known, notBefore: null })
  })
}

async function decided(entry: OutboxEntry, settling: Settling, asking: AbortSignal): Promise<OutboxEntry> {
  const { group, ...notice } = entry.notice
  if (group === undefined) return entry
  const known = asking.aborted
    ? null
    : await withinSeconds(ANSWER_SECONDS, resolved(entry, settling)).catch(() => null)
  return known ?? { ...entry, notice }
}
