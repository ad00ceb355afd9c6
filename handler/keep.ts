import type { Config } from '../config/config.ts'
import { OperatorError } from '../crash/errors.ts'
import { crashFolder } from '../crash/object-key.ts'
import { type CrashReport, encodeReport } from '../crash/report.ts'
import type { Sink } from '../storage/object-store.ts'
import { readmit } from './admit.ts'
import type { Outside } from './collect.ts'
import type { CorePipe } from './core-pipe.ts'
import {
  type Crash,
  describe,
  describeCore,
  describeSite,
  describeTiming,
  ownerOf,
  pidOf,
} from './describe.ts'
import { lostNotice } from './notices.ts'
import { type StoredCore, storeCore } from './store-core.ts'
import { tell } from './tell.ts'

/** A crash that exists: its report is stored. */
export interface Kept {
  readonly report: CrashReport
  readonly stored: StoredCore
}

/**
 * The core, and then its report, into the store. Rejects if the core is lost, after its owner was told; one that
 * lies in a file is not lost.
 */
export async function keep(
  crash: Crash,
  suppressed: number,
  pipe: CorePipe,
  config: Config,
  outside: Outside,
): Promise<Kept> {
  const { sink, log } = outside
  const { core } = crash
  const begun = describe(crash)
  try {
    if (core.isEmpty) throw nothingWritten(pidOf(crash))
    const folder = folderOf(crash)
    const stored = await storeCore(crash, folder, config, sink)

    const report: CrashReport = {
      ...begun,
      ...describeSite(crash),
      core: describeCore(stored, pipe, crash, config),
      timing: describeTiming(pipe, crash),
      ...(suppressed === 0 ? {} : { suppressed }),
    }
    await storeReport(report, folder, sink)
    log.info({ report }, 'crash stored')
    if (report.core?.complete !== true) await readmit(crash, outside)
    return { report, stored }
  } catch (cause) {
    pipe.close()
    await readmit(crash, outside)
    if (crash.file === undefined) await tell(lostNotice(crash, begun, cause), outside)
    // Whoever catches it logs it, by this same log: the line is to say whose crash it was.
    log.setBindings({ report: begun })
    throw cause
  }
}

/** The report of a crash whose core is not kept, because one like it was. Nobody is told: the next notice has the count. */
export async function countOnly(
  crash: Crash,
  since: Date,
  pipe: CorePipe,
  { sink, log }: Outside,
): Promise<CrashReport> {
  pipe.close()
  const incompleteReason = `not kept: a core of the same crash was kept at ${since.toISOString()}, and dedupe keeps no more`
  const report: CrashReport = { ...describe(crash), core: { complete: false, incompleteReason } }
  await storeReport(report, folderOf(crash), sink)
  log.info({ report }, 'crash suppressed')
  return report
}

function folderOf(crash: Crash): string {
  const { id, time, args } = crash
  return crashFolder(ownerOf(crash), { id, time, comm: args.comm, pid: pidOf(crash) })
}

async function storeReport(report: CrashReport, folder: string, sink: Sink): Promise<void> {
  const body = encodeReport(report)
  await sink.put(`${folder}/report.json`, [body], body.length)
}

function nothingWritten(pid: number): OperatorError {
  return new OperatorError(
    `Cannot keep the core of process ${pid}: the kernel wrote nothing`,
    'The process was killed before its dump began: look for a removed container, a failed probe, or memory that ran out.',
  )
}
