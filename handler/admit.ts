import { messageOf } from '../crash/errors.ts'
import type { Outside } from './collect.ts'
import { type Crash, caseOf } from './describe.ts'
import type { Admission } from './repeats.ts'

/** A crash loop makes the same core again and again. What cannot be told to be the same is kept. */
export async function admit(crash: Crash, { repeats, log }: Outside): Promise<Admission> {
  const same = caseOf(crash)
  if (same === null) return { keep: true, suppressed: 0 }
  try {
    return await repeats.admit(same, crash)
  } catch (cause) {
    log.warn({ crash: crash.id, reason: messageOf(cause) }, 'repeats not counted')
    return { keep: true, suppressed: 0 }
  }
}

/** No whole core of the case was kept after all, so the next one must be. */
export async function readmit(crash: Crash, { repeats, log }: Outside): Promise<void> {
  const same = caseOf(crash)
  if (same === null) return
  try {
    await repeats.forget(same)
  } catch (cause) {
    log.warn({ crash: crash.id, reason: messageOf(cause) }, 'repeats not counted')
  }
}
