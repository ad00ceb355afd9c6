import type { Config } from '../config/config.ts'
import { parseDuration } from '../config/duration.ts'
import type { Capture } from './capture.ts'

/**
 * The pod's own limit, by its annotation, wins over the node's, but not under the least that the operator
 * allows: what is over it goes to the node's disk, which all pods share. One that is no duration is none, and
 * 0 s are no limit.
 */
export function maxHoldOf({ identity }: Pick<Capture, 'identity'>, { limits }: Config): number {
  const annotation =
    identity?.kind === 'container' ? identity.pod?.annotations?.['coredog.io/max-hold'] : undefined
  const wish = annotation === undefined ? undefined : parseDuration(annotation)
  if (wish === undefined) return limits.maxHoldSeconds
  return wish === 0 ? 0 : Math.max(wish, limits.leastHoldSeconds)
}
