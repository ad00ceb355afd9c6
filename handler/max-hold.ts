import type { Config } from '../config/config.ts'
import { parseDuration } from '../config/duration.ts'
import { ANNOTATIONS } from '../crash/annotations.ts'
import type { Capture } from './capture.ts'

/**
 * The pod's own limit, by its annotation, wins over the node's, but not under the least that the operator
 * allows: what is over it goes to the node's disk, which all pods share. One that is no duration is none, and
 * 0 s are no limit.
 */
export function maxHoldOf({ identity }: Pick<Capture, 'identity'>, { limits }: Config): number {
  const annotation =
    identity?.kind === 'container' ? identity.pod?.annotations?.[ANNOTATIONS.maxHold] : undefined
  const wish = annotation === undefined ? undefined : parseDuration(annotation)
  if (wish === undefined) return limits.maxHoldSeconds
  return wish === 0 ? 0 : Math.max(wish, limits.leastHoldSeconds)
}

// What is left is a quarter of it for what is left of the core.
const NEAR = 3 / 4

/** Tells whether the process is held, and has been for most of the time that it may be. */
export function nearMaxHold(capture: Pick<Capture, 'identity' | 'pipe'>, config: Config): () => boolean {
  const maxHoldMs = maxHoldOf(capture, config) * 1000
  // It is held since we were started.
  return () => maxHoldMs > 0 && capture.pipe.closedAt === null && performance.now() > NEAR * maxHoldMs
}
