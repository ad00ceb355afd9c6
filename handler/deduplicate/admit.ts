import type { Config } from '../../config/config.ts'
import { messageOf } from '../../crash/errors.ts'
import type { Notice } from '../../notify/notice.ts'
import type { Outside } from '../collect.ts'
import type { Crash } from '../describe.ts'
import { locationOf } from '../location.ts'
import { groupsOf } from './groups.ts'
import type { Limit, Verdict } from './repeats.ts'

/** A crash loop makes the same core again and again. What cannot be counted is kept. */
export async function admit(
  crash: Crash,
  config: Pick<Config, 'compression' | 'storage'>,
  outside: Outside,
): Promise<Verdict> {
  const { repeats, sink } = outside
  const { id, time } = crash
  const admitted = () => repeats.admit(groupsOf(crash), { id, time, core: locationOf(crash, config, sink) })
  return (await counting(crash, outside, admitted)) ?? { keep: true, suppressed: 0 }
}

/** No whole core of the crash was kept after all, so the next one like it must be. What there is of it counts against its workload. */
export async function readmit(crash: Crash, kept: 'a part' | 'nothing', outside: Outside): Promise<void> {
  const from: readonly Limit[] = kept === 'nothing' ? ['dedupe', 'perWorkload'] : ['dedupe']
  await counting(crash, outside, () => outside.repeats.withdraw(groupsOf(crash), crash, from))
}

/** Leaves word of a crash that was not admitted, for the one message on all of them. */
export async function leaveWord(crash: Crash, by: Limit, notice: Notice, outside: Outside): Promise<void> {
  await counting(crash, outside, () => outside.repeats.leave(groupsOf(crash), by, notice))
}

async function counting<T>(
  { id }: Crash,
  { log }: Pick<Outside, 'log'>,
  work: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await work()
  } catch (cause) {
    log.warn({ crash: id, reason: messageOf(cause) }, 'repeats not counted')
    return undefined
  }
}
