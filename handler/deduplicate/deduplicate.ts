import type { Config } from '../../config/config.ts'
import type { Notification } from '../../notify/notification.ts'
import type { Capture } from '../capture.ts'
import { locationOf } from '../location.ts'
import type { Outside } from '../outside.ts'
import type { Asked } from './ask-cluster.ts'
import { counting } from './counting.ts'
import type { Limit, Refused, Remembered, Verdict } from './deduplication.ts'
import { clusterGroupOf, groupsOf } from './groups.ts'

/**
 * A crash loop makes the same core again and again: what its node says to that. What cannot be counted is kept, and
 * nobody is asked about it; else {@link askCluster} has the last word, with which a core that is kept has its place.
 */
export async function deduplicate(
  capture: Capture,
  config: Pick<Config, 'compression' | 'storage'>,
  outside: Outside,
): Promise<Verdict | Asked> {
  const { deduplication, sink } = outside
  const { id, time } = capture
  const group = outside.places() === null ? null : clusterGroupOf(capture)
  const core = group === null ? { core: locationOf(capture, config, sink) } : {}
  const admitted = () => deduplication.deduplicate(groupsOf(capture), { id, time, ...core })
  const verdict = await counting(capture, outside, admitted)
  if (verdict === undefined) return { keep: true, suppressed: 0 }
  const mayKeep = verdict.keep && verdict.place === undefined && group !== null
  return mayKeep ? { ...verdict, ask: group } : verdict
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
 * against its workload. `place`: that of the cluster's, which may not be known yet.
 */
export async function countNoMore(
  capture: Capture,
  kept: 'a part' | 'nothing',
  place: Promise<string | undefined>,
  outside: Outside,
): Promise<void> {
  const from: readonly Limit[] = kept === 'nothing' ? ['dedupe', 'perWorkload'] : ['dedupe']
  await counting(capture, outside, () => outside.deduplication.withdraw(groupsOf(capture), capture, from))
  const own = await place
  if (own !== undefined) await outside.places()?.giveBack(own, capture.id, kept)
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
