import type { Config } from '../config/config.ts'
import { reasonOf } from '../crash/errors.ts'
import type { ReportCore } from '../crash/report.ts'
import { noFailover } from '../storage/parts/failover.ts'
import type { Capture } from './capture.ts'
import { storeCore } from './core/store-core.ts'
import { describeCore } from './describe.ts'
import { folderOf } from './location.ts'
import type { Outside } from './outside.ts'
import { scrubFor } from './scrub-for.ts'
import type { Secrets } from './secrets.ts'

/**
 * The stacks of a crash that is only counted, and what its report says of them; `null`: the store does not take them.
 * Nothing else does: a core of the same bug is there.
 */
export async function storeStacks(
  capture: Capture,
  secrets: Secrets,
  config: Config,
  { sink, log }: Outside,
): Promise<ReportCore | null> {
  try {
    const { stored } = await storeCore(capture, folderOf(capture), config, sink, {
      failover: noFailover(),
      isHurried: () => false,
      scrub: scrubFor(capture, secrets, config),
      onEnd: async () => undefined,
    })
    return describeCore(stored, capture, config)
  } catch (cause) {
    log.warn({ crash: capture.id, ...reasonOf(cause) }, 'stacks not stored')
    return null
  } finally {
    await capture.core.leave()
  }
}
