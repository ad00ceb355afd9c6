import { bytesInWords } from '../terminal/units.ts'
import { type Finding, note } from './finding.ts'
import type { ContainerFacts } from './pod-facts.ts'

/** What a store that is far away takes, and so what a large process is held by. */
const SLOW_BYTES_PER_SECOND = 50 * 2 ** 20

/**
 * A process that is being dumped answers no probe: after some failures the kubelet sends SIGTERM, which does not
 * reach it, and after the grace period SIGKILL, which cuts its core off.
 */
export function probeFindings({ name, liveness, memoryLimitBytes }: ContainerFacts): readonly Finding[] {
  if (liveness === null) return []
  const { failures, periodSeconds, graceSeconds } = liveness
  const allowedSeconds = failures * periodSeconds + graceSeconds
  const what = `the liveness probe of ${name} lets a core take ${allowedSeconds} s (${failures} × ${periodSeconds} s, and ${graceSeconds} s of grace)`
  if (memoryLimitBytes === null)
    return [note(`${what}; without a memory limit it is not known how large one gets`, LENGTHEN)]
  const neededSeconds = Math.ceil(memoryLimitBytes / SLOW_BYTES_PER_SECOND)
  if (neededSeconds <= allowedSeconds) return []
  return [
    note(
      `${what}; ${bytesInWords(memoryLimitBytes)} may take ${neededSeconds} s where the store is slow, and are cut off then`,
      LENGTHEN,
    ),
  ]
}

const LENGTHEN = 'Give the probe a longer terminationGracePeriodSeconds, or a higher failureThreshold.'
