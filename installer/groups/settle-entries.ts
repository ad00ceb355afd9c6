import type { OutboxFolder } from '../../handoff/outbox-folder.ts'
import { inParallel } from '../../time/in-parallel.ts'
import { isUnsettled } from '../outbox/unsettled.ts'
import { resolved, type Settling } from './settle.ts'

/** Each is a request or two. */
const AT_ONCE = 8
const MOST_IN_A_ROUND = 200

/** Finds out of what waits in the outbox for that who tells people of it. */
export async function settleEntries(
  outbox: Pick<OutboxFolder, 'ids' | 'read' | 'write'>,
  settling: Settling,
): Promise<void> {
  const ids = (await outbox.ids()).slice(0, MOST_IN_A_ROUND)
  await inParallel(ids, AT_ONCE, id => settleOne(id, outbox, settling))
}

async function settleOne(
  id: string,
  outbox: Pick<OutboxFolder, 'read' | 'write'>,
  settling: Settling,
): Promise<void> {
  const entry = await outbox.read(id)
  if (entry === null || typeof entry === 'string' || !isUnsettled(entry, settling.now())) return
  const known = await resolved(entry, settling)
  if (known !== null) await outbox.write(known)
}
