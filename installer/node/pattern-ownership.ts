import { handlerOf } from '../../crash/our-pattern.ts'
import { type CaptureMode, isOurs } from './capture-mode.ts'
import type { Sysctls } from './sysctl.ts'

/** How often another program has undone what we set. */
export interface Ownership {
  /** Rounds in which we had set it, and another program set it again. */
  readonly lost: number
  readonly lastLostMs: number
  /** What we left; `null`: it was not as we want it. */
  readonly left: Sysctls | null
}

export const UNCONTESTED: Ownership = { lost: 0, lastLostMs: 0, left: null }

const ROUNDS_BEFORE_GIVING_UP = 3

const FORGIVEN_AFTER_MS = 10 * 60 * 1000

/** Whether the settings are another program's now. Two that each insist would otherwise write for ever. */
export function isGivenUp({ lost }: Ownership): boolean {
  return lost >= ROUNDS_BEFORE_GIVING_UP
}

/** The ownership after `found` was seen at the beginning of a round. */
export function judgeAtBeginning(ownership: Ownership, found: Sysctls, nowMs: number): Ownership {
  if (ownership.left === null) return ownership
  if (isUndone(ownership.left, found)) return { lost: ownership.lost + 1, lastLostMs: nowMs, left: null }
  return nowMs - ownership.lastLostMs >= FORGIVEN_AFTER_MS ? { ...ownership, lost: 0 } : ownership
}

/** The ownership at the end of a round, which left the node with `sysctls` and was to make it go `way`. */
export function judgeAtEnd(
  ownership: Ownership,
  sysctls: Sysctls,
  way: CaptureMode,
  nowMs: number,
): Ownership {
  if (!isOurs(sysctls.corePattern, way)) return { ...ownership, left: null }
  const { corePattern, corePipeLimit } = sysctls
  // The ten minutes are of peace: they begin when it is ours again.
  const lastLostMs = ownership.left === null ? nowMs : ownership.lastLostMs
  return { ...ownership, lastLostMs, left: { corePattern, corePipeLimit } }
}

/** Another pattern of ours is no foreign writer: that is an upgrade. Files know no core_pipe_limit. */
function isUndone(left: Sysctls, found: Sysctls): boolean {
  if (handlerOf(left.corePattern) === null) return !isOurs(found.corePattern, 'file')
  return !isOurs(found.corePattern, 'pipe') || found.corePipeLimit < left.corePipeLimit
}
