import type { Config } from '../../config/config.ts'
import { messageOf } from '../../crash/errors.ts'
import type { Notification } from '../../notify/notification.ts'
import type { Capture } from '../capture.ts'
import { locationOf } from '../location.ts'
import type { Outside } from '../outside.ts'
import type { Limit, Refused, Remembered, Verdict } from './deduplication.ts'
import { groupsOf } from './groups.ts'

/** A crash loop makes the same core again and again. What cannot be counted is kept. */
export async function deduplicate(
  capture: Capture,
  config: Pick<Config, 'compression' | 'storage'>,
  outside: Outside,
): Promise<Verdict> {
  const { deduplication, sink } = outside
  const { id, time } = capture
  const admitted = () =>
    deduplication.deduplicate(groupsOf(capture), { id, time, core: locationOf(capture, config, sink) })
  return (await counting(capture, outside, admitted)) ?? { keep: true, suppressed: 0 }
}

/** What is left of a crash whose core is not kept. What cannot be counted has a report. */
export async function remember(capture: Capture, refused: Refused, outside: Outside): Promise<Remembered> {
  const remembered = () => outside.deduplication.remember(groupsOf(capture), capture, refused)
  return (await counting(capture, outside, remembered)) ?? 'report'
}

/** The report of a crash whose core was kept counts, too. */
export async function countReport(capture: Capture, outside: Outside): Promise<void> {
  await counting(capture, outside, () => outside.deduplication.reported(groupsOf(capture), capture))
}

/**
 * No whole core of the crash was kept after all, so the next one like it must be. What there is of it counts
 * against its workload.
 */
export async function countNoMore(
  capture: Capture,
  kept: 'a part' | 'nothing',
  outside: Outside,
): Promise<void> {
  const from: readonly Limit[] = kept === 'nothing' ? ['dedupe', 'perWorkload'] : ['dedupe']
  await counting(capture, outside, () => outside.deduplication.withdraw(groupsOf(capture), capture, from))
}

/** Leaves word of a crash that was not admitted, for the one message on all of them. */
export async function leaveWord(
  capture: Capture,
  by: Limit,
  notification: Notification,
  outside: Outside,
): Promise<void> {
  await counting(capture, outside, () => outside.deduplication.leave(groupsOf(capture), by, notification))
}

async function counting<T>(
  { id }: Capture,
  { log }: Pick<Outside, 'log'>,
  work: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await work()
  } catch (cause) {
    log.warn({ crash: id, reason: messageOf(cause) }, 'repeats not counted')
    return undefined
  }
}
