import { readHeartbeat } from '../../handoff/heartbeat.ts'
import type { OutboxFolder } from '../../handoff/outbox-folder.ts'
import { MOST_ONE_BY_ONE } from '../../notify/batch-note.ts'

/** By what a burst is known. */
interface BurstSigns {
  readonly outbox: Pick<OutboxFolder, 'ids'>
  readonly runFolder: string
  /** How many handlers are at it, or wait for a slot. */
  readonly crowd: () => Promise<number>
  readonly now: () => Date
}

// It is written every ten seconds. The next installer delivers what is left to one that was killed just now.
const THERE_SECONDS = 60

/**
 * Whether more crash than people want to be told of one by one, and the installer is there to tell of them
 * together.
 */
export async function isBurst({ outbox, runFolder, crowd, now }: BurstSigns): Promise<boolean> {
  const heartbeat = await readHeartbeat(runFolder)
  const ageSeconds = (now().getTime() - Date.parse(heartbeat?.time ?? '')) / 1000
  if (!(Math.abs(ageSeconds) <= THERE_SECONDS)) return false
  return (await outbox.ids()).length > MOST_ONE_BY_ONE || (await crowd()) > MOST_ONE_BY_ONE
}
