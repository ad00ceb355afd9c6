import type { Memory } from '../../crash/image/memory.ts'
import { pythonFrames } from '../../crash/python/frames.ts'
import type { ReportCrash } from '../../crash/report.ts'
import type { Evidence } from './evidence.ts'

/** What an interpreter was running in the thread that crashed. */
export function interpreterFramesOf(
  { python }: Evidence,
  memory: Memory,
): Pick<ReportCrash, 'interpreterFrames'> {
  const frames = python === undefined ? [] : pythonFrames(memory, python)
  return frames.length === 0 ? {} : { interpreterFrames: frames }
}
