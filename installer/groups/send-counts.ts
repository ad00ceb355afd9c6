import type { Logger } from 'pino'
import { reasonOf } from '../../crash/errors.ts'
import { CrashGroup, type GroupStore } from '../../groups/crash-group.ts'
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

/** Tells the store what is new of this node's counts. Resolves with how many groups it took; what fails is due later. */
export async function sendCounts(totals: GroupTotals, sending: Sending): Promise<number> {
  const { now, random } = sending
  const due = totals.due(now())
  let sent = 0
  for (let at = 0; at < due.length; at += AT_ONCE) {
    const some = due.slice(at, at + AT_ONCE)
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

async function send(group: string, totals: GroupTotals, { store, node, log }: Sending): Promise<boolean> {
  const total = totals.get(group)
  if (total === null) return false
  try {
    await withinSeconds(DEADLINE_SECONDS, new CrashGroup(store, group).putCount(node, nodeCountOf(total)))
    return true
  } catch (cause) {
    log.warn({ group, ...reasonOf(cause) }, 'crashes of a group not counted in the store')
    return false
  }
}
