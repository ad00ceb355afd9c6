import type { Config } from '../../config/config.ts'
import type { CoreLocation } from '../../crash/core-location.ts'
import type { ClusterGroup } from '../../crash/group-key.ts'
import type { Admitted } from '../../handoff/group-standing.ts'
import type { Capture } from '../capture.ts'
import { coreKeyOf, locationOf } from '../location.ts'
import type { Outside } from '../outside.ts'
import { counting } from './counting.ts'
import type { Refused, Verdict } from './deduplication.ts'
import { groupsOf } from './groups.ts'
import { LateWord, type Others } from './late-word.ts'

/** Of a crash that its node would keep, and the cluster may not. */
export interface Asked extends Admitted {
  readonly ask: ClusterGroup
}

export function isAsked(verdict: Verdict | Asked): verdict is Asked {
  return 'ask' in verdict
}

type Storing = Pick<Config, 'compression' | 'storage'>

/**
 * Whether the cluster keeps the core, with its place then. Its process may be held for as long, and its core is read
 * meanwhile. What cannot be asked, or counted, is kept.
 */
export async function askCluster(
  capture: Capture,
  { ask: group, ...own }: Asked,
  config: Storing,
  outside: Outside,
): Promise<Verdict> {
  const { id, time, node, pipe } = capture
  const isHeld = () => pipe.closedAt === null
  const claim = { id, time, node: node.name, core: coreKeyOf(capture, config), isHeld }
  const taken = await outside.places()?.take(group, claim)
  const refused =
    taken?.outcome === 'full' ? await leaveToOthers(capture, { ...taken, group }, outside) : null
  if (refused !== null) return refused
  const place = taken === undefined || taken.outcome === 'full' ? null : taken.place
  const candidate = { id, time, core: locationOf(capture, config, outside.sink) }
  const settle = (own: string | null) =>
    counting(capture, outside, () => outside.deduplication.settle(groupsOf(capture), candidate, own))
  await settle(place)
  const admitted = place === null ? own : { ...own, place }
  if (taken?.outcome !== 'unanswered' || taken.later === undefined) return admitted
  const late = new LateWord(group, taken.later, () => void capture.core.leave())
  // If we are killed before the spool has it, the installer gives it back.
  void late.heard.then(() => (late.place === null ? undefined : settle(late.place)))
  return { ...admitted, late }
}

/** Of a crash whose core was dropped by a {@link LateWord}: it is not kept, also where that cannot be counted. */
export async function refusedLate(capture: Capture, others: Others, outside: Outside): Promise<Refused> {
  const uncounted: Refused = { keep: false, by: 'dedupe', keeps: 0, since: capture.time, kept: [] }
  return (await leaveToOthers(capture, others, outside)) ?? { ...uncounted, ...instead(others) }
}

async function leaveToOthers(capture: Capture, others: Others, outside: Outside): Promise<Refused | null> {
  const refused = await counting(capture, outside, () =>
    outside.deduplication.leaveToOthers(groupsOf(capture), capture),
  )
  if (refused === undefined || refused.keep) return null
  return { ...refused, ...instead(others) }
}

function instead({ group, until, place, core }: Others): Pick<Refused, 'byCluster' | 'core'> {
  return { byCluster: { group, until, place }, ...(core && { core }) }
}

/** Where the core is that was kept in place of one that is not: its report and a message name it. */
export async function coreInPlaceOf(
  { core, byCluster }: Refused,
  outside: Outside,
): Promise<CoreLocation | undefined> {
  if (core !== undefined || byCluster === undefined) return core
  return (await outside.places()?.coreAt(byCluster.group, byCluster.place)) ?? undefined
}
