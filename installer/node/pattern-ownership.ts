import { handlerOf } from '../../crash/our-pattern.ts'
import { isOurs, type Way } from './capture-mode.ts'
import type { Sysctls } from './sysctl.ts'

/** How often somebody else has undone what we set. */
export interface Contest {
  /** Rounds in which we had set it, and somebody else set it again. */
  readonly lost: number
  readonly lastLostMs: number
  /** What we left; `null`: it was not as we want it. */
  readonly left: Sysctls | null
}

export const NO_CONTEST: Contest = { lost: 0, lastLostMs: 0, left: null }

const ROUNDS_BEFORE_GIVING_UP = 3

const FORGIVEN_AFTER_MS = 10 * 60 * 1000

/** Whether the settings are somebody else's now. Two that each insist would otherwise write for ever. */
export function isGivenUp({ lost }: Contest): boolean {
  return lost >= ROUNDS_BEFORE_GIVING_UP
}

/** The contest after `found` was seen at the beginning of a round. */
export function judge(contest: Contest, found: Sysctls, nowMs: number): Contest {
  if (contest.left === null) return contest
  if (isUndone(contest.left, found)) return { lost: contest.lost + 1, lastLostMs: nowMs, left: null }
  return nowMs - contest.lastLostMs >= FORGIVEN_AFTER_MS ? { ...contest, lost: 0 } : contest
}

/** The contest at the end of a round, which left the node with `sysctls` and was to make it go `way`. */
export function settle(contest: Contest, sysctls: Sysctls, way: Way, nowMs: number): Contest {
  if (!isOurs(sysctls.corePattern, way)) return { ...contest, left: null }
  const { corePattern, corePipeLimit } = sysctls
  // The ten minutes are of peace: they begin when it is ours again.
  const lastLostMs = contest.left === null ? nowMs : contest.lastLostMs
  return { ...contest, lastLostMs, left: { corePattern, corePipeLimit } }
}

/** Another pattern of ours is no foreign writer: that is an upgrade. Files know no core_pipe_limit. */
function isUndone(left: Sysctls, found: Sysctls): boolean {
  if (handlerOf(left.corePattern) === null) return !isOurs(found.corePattern, 'file')
  return !isOurs(found.corePattern, 'pipe') || found.corePipeLimit < left.corePipeLimit
}
