import type { Logger } from 'pino'
import { reasonOf } from '../../crash/errors.ts'
import { CrashGroup, type GroupStore } from '../../groups/crash-group.ts'
import type { NodeCount } from '../../groups/node-count.ts'
import { inParallel } from '../../time/in-parallel.ts'
import { withinSeconds } from '../../time/within-seconds.ts'
import { nodeCountOf } from './group-total.ts'
import type { GroupTotals } from './group-totals.ts'

interface Sending {
  readonly store: GroupStore
  /** As a key has it. */
  readonly node: string
  readonly now: () => Date
  /** From 0 to 1. */
  readonly random: () => number
  readonly log: Logger
}

const AT_ONCE = 8
const DEADLINE_SECONDS = 10

/**
 * Tells the store what is new of this node's counts. Resolves with how many groups it took; what fails is due later. Of a
 * group that is new to the node it first reads what it would overwrite: a count goes on, and never back.
 */
export async function sendCounts(totals: GroupTotals, sending: Sending): Promise<number> {
  const { node, now, random } = sending
  const due = totals.due(now())
  let sent = 0
  for (let at = 0; at < due.length; at += AT_ONCE) {
    const some = due.slice(at, at + AT_ONCE)
    await totals.goOn(await countsBefore(some, totals, sending), node, now())
    const went = await Promise.all(
      some.map(async group => [group, await send(group, totals, sending)] as const),
    )
    await totals.tried(new Map(went), now(), random)
    const taken = went.filter(([, isTaken]) => isTaken).length
    sent += taken
    // One that fails does not make all others wait for it.
    if (taken === 0) break
  }
  return sent
}

/** What the store has of those `groups` that are new to the node, as far as it says so. */
async function countsBefore(
  groups: readonly string[],
  totals: GroupTotals,
  { store, node, log }: Sending,
): Promise<ReadonlyMap<string, NodeCount | null>> {
  const signal = AbortSignal.timeout(DEADLINE_SECONDS * 1000)
  const found = new Map<string, NodeCount | null>()
  const unread = groups.filter(group => totals.get(group)?.node !== node)
  await inParallel(unread, AT_ONCE, async group => {
    try {
      found.set(group, await new CrashGroup(store, group).count(node, signal))
    } catch (cause) {
      log.warn({ group, ...reasonOf(cause) }, 'count of a group not read from the store')
    }
  })
  return found
}

async function send(group: string, totals: GroupTotals, { store, node, log }: Sending): Promise<boolean> {
  const total = totals.get(group)
  if (total?.node !== node) return false
  try {
    await withinSeconds(DEADLINE_SECONDS, new CrashGroup(store, group).putCount(node, nodeCountOf(total)))
    return true
  } catch (cause) {
    log.warn({ group, ...reasonOf(cause) }, 'crashes of a group not counted in the store')
    return false
  }
}
