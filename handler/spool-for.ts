import type { Config } from '../config/config.ts'
import type { CrashReport } from '../crash/report.ts'
import type { Capture } from './capture.ts'
import { coreKey } from './core/store-core.ts'
import { describeDump } from './describe.ts'
import { folderOf, locationOf } from './location.ts'
import { maxHoldOf } from './max-hold.ts'
import { keptNotification } from './notifications.ts'
import type { Outside } from './outside.ts'
import { type Draft, Spooling } from './spooling.ts'

/** What is known of a crash by now. */
interface Begun {
  readonly report: CrashReport
  /** Of its core, among those that the cluster keeps. */
  readonly place?: string | undefined
}

/** Where what the store does not take of a crash goes; a core that lies in a file is on the node already. */
export async function spoolFor(
  capture: Capture,
  begun: Begun,
  config: Config,
  outside: Outside,
): Promise<Spooling> {
  if (capture.file !== undefined) return Spooling.none(outside.log)
  const { pipe, core } = capture
  return outside.spool(draftOf(capture, begun, config, outside), {
    pipe,
    core,
    maxHoldSeconds: maxHoldOf(capture, config),
  })
}

/** What is said of the crash if we are killed from now on. */
function draftOf(
  capture: Capture,
  { report: begun, place }: Begun,
  config: Config,
  { sink }: Outside,
): Draft {
  const { compression } = config
  const folder = folderOf(capture)
  const core = {
    ...locationOf(capture, config, sink),
    compression,
    ...describeDump(capture),
    complete: false,
  }
  const report = { ...begun, core }
  const { corefilePath } = keptNotification(capture, report, { link: null })
  return {
    id: capture.id,
    folder,
    coreKey: coreKey(folder, compression),
    report,
    corefilePath,
    ...(place && { place }),
  }
}
