import { median } from './median.ts'
import { ratio } from './ratio.ts'
import type { StartSample } from './start-rows.ts'
import { notMeasured, type Target } from './target.ts'

export const IDLE = 'node -e 0'
export const HOST_CRASH = 'handler, process of the node, into a file store'
export const POD_CRASH = 'handler, pod known to the runtime, into S3'

type Samples = ReadonlyMap<string, readonly StartSample[]>

const MOST_TIMES = 1.6
const MOST_MS = 150

export function startTargets(samples: Samples): readonly Target[] {
  const idleMs = medianOf(IDLE, samples, ({ exitMs }) => exitMs)
  const readMs = medianOf(POD_CRASH, samples, ({ firstReadMs }) => firstReadMs)
  const storedMs = medianOf(POD_CRASH, samples, ({ storedMs }) => storedMs)
  return [
    judged(
      `First read of a pod's crash, against ${IDLE}`,
      `≤ ${MOST_TIMES} ×`,
      readMs,
      idleMs,
      MOST_TIMES * (idleMs ?? 0),
    ),
    judged('300 KiB in S3, the pod named: from exec', `≤ ${MOST_MS} ms`, storedMs, idleMs, MOST_MS),
  ]
}

function judged(
  what: string,
  wanted: string,
  ms: number | null,
  idleMs: number | null,
  mostMs: number,
): Target {
  if (ms === null || idleMs === null) return notMeasured(what, wanted, 'no crash could be pretended')
  const measured = `${ms.toFixed(0)} ms, ${ratio(ms, idleMs, 2)} × ${IDLE}`
  return { what, wanted, measured, isMet: ms <= mostMs }
}

function medianOf(
  name: string,
  samples: Samples,
  of: (sample: StartSample) => number | undefined,
): number | null {
  const times = (samples.get(name) ?? []).map(of).filter(time => time !== undefined)
  return times.length === 0 ? null : median(times)
}
