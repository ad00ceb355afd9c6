import type { Logger } from 'pino'
import { messageOf } from '../crash/errors.ts'
import { withinSeconds } from '../time/within-seconds.ts'
import type { Node } from './node/node.ts'
import type { Bringing } from './node/reconcile.ts'
import { restore } from './node/restore.ts'
import { occasions, type Watching, watchNode } from './node/watch-node.ts'

/** Something that goes on beside the node's upkeep until the signal: it handles its own faults. */
export type Activity = (signal: AbortSignal) => Promise<void>

/** What the installer does while its pod lives. */
export interface Running extends Omit<Watching, 'rounds'> {
  readonly bringing: Bringing
  readonly directories: readonly string[]
  readonly activities: readonly Activity[]
  /** Resolves when the node may be touched; until then the activities go on alone. Absent: at once. */
  readonly begin?: () => Promise<void>
  /** Asked when the pod is told to stop: whether CoreDog leaves this node, and does not just come back. */
  readonly shouldRestore: () => Promise<boolean>
  /** What is done before the node is put back. It has an end, and never rejects. Absent: nothing. */
  readonly beforeRestore?: () => Promise<void>
}

/**
 * Keeps the node right until `signal`. Then the node is restored if CoreDog leaves it; a rolling update, a
 * restart and an eviction change nothing on it, so crashes go on being collected. Resolves with which of the
 * two it was.
 */
export async function run(node: Node, running: Running, signal: AbortSignal): Promise<'stays' | 'left'> {
  await Promise.all([...running.activities.map(start => start(signal)), keepNode(node, running, signal)])
  if (await leaves(running.shouldRestore, node.log)) {
    await running.beforeRestore?.()
    await restore(node, running.directories)
    return 'left'
  }
  node.log.info({}, 'stopped, the node goes on collecting')
  return 'stays'
}

async function keepNode(node: Node, running: Running, signal: AbortSignal): Promise<void> {
  await running.begin?.()
  await watchNode(node, running.bringing, { ...running, rounds: occasions(node, signal) })
}

/** Of the 30 that the kubelet gives by default. */
const ANSWER_SECONDS = 10

/** In doubt it stays: a node that collects for a day too long is better than one that loses a crash. */
async function leaves(shouldRestore: () => Promise<boolean>, log: Logger): Promise<boolean> {
  try {
    return await withinSeconds(ANSWER_SECONDS, shouldRestore())
  } catch (error) {
    log.warn({ reason: messageOf(error) }, 'not known whether to restore')
    return false
  }
}
