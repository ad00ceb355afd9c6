import type { Logger } from 'pino'
import type { Config } from '../config/config.ts'
import { messageOf, OperatorError } from '../crash/errors.ts'
import { type KernelArgs, parseKernelArgs } from '../crash/kernel-args.ts'
import { crashFolder, newCrashId } from '../crash/object-key.ts'
import { type CrashReport, encodeReport } from '../crash/report.ts'
import type { Notice, Notifier } from '../notify/notice.ts'
import type { Sink } from '../storage/object-store.ts'
import type { CorePipe } from './core-pipe.ts'
import { CoreStream } from './core-stream.ts'
import {
  type Crash,
  caseOf,
  describe,
  describeCore,
  describeSite,
  describeTiming,
  ownerOf,
} from './describe.ts'
import { type Forward, logForwarded } from './forward.ts'
import { type Identity, identify, type Runtime } from './identify.ts'
import { keptNotice, lostNotice } from './notices.ts'
import { type Observed, observe, unverified } from './observe.ts'
import { decide } from './policy.ts'
import type { Proc } from './proc.ts'
import type { Admission, Repeats } from './repeats.ts'
import { type StoredCore, storeCore } from './store-core.ts'
import type { ThisNode } from './this-node.ts'

/** Everything outside this process that a crash meets on its way. */
export interface Outside {
  readonly proc: Proc
  readonly runtime: Runtime
  readonly forward: Forward
  /** Resolves when it is this crash's turn to be streamed. The kernel holds the process until we read. */
  readonly makeWay: () => Promise<void>
  readonly repeats: Repeats
  readonly sink: Sink
  readonly notifier: Notifier
  readonly node: ThisNode
  readonly now: () => Date
  readonly log: Logger
}

/**
 * The journey of one crash, top to bottom. Returns its report, or `null` if it was not for us. Rejects
 * if the core is lost, after its owner was told.
 *
 * Two things set the order. /proc/<pid> and the runtime's record are only sure to be there while the
 * kernel waits for us to read, so whoever looks, looks before. And the report is stored last: it makes
 * the crash exist, so a crash is seen only when all of it is there.
 */
export async function collect(
  argv: readonly string[],
  pipe: CorePipe,
  config: Config,
  outside: Outside,
): Promise<CrashReport | null> {
  const { proc, runtime, forward, node, now, log } = outside

  const args = parseKernelArgs(argv)
  const seen = await observe(args, proc)
  const owner = seen.cgroup === null ? null : await identify(seen.cgroup, runtime)

  const decision = decide(config.collect, owner)
  if (decision.do === 'skip') {
    pipe.close()
    log.info({ ...brief(args, owner), reason: decision.reason }, 'crash skipped')
    return null
  }
  if (decision.do === 'forward') {
    logForwarded(await forward(args, seen, pipe), brief(args, owner), log)
    return null
  }

  await outside.makeWay()
  const core = await CoreStream.begin(pipe)
  const { observed, identity } = certainly(core, seen, owner)
  const crash: Crash = {
    id: newCrashId(),
    time: args.crashedAt ?? now(),
    node,
    args,
    observed,
    identity,
    core,
  }
  const admission = await admit(crash, outside)
  if (!admission.keep) return await countOnly(crash, admission.since, pipe, outside)

  const { report, stored } = await keep(crash, admission.suppressed, pipe, config, outside)
  await tell(keptNotice(crash, report, await linkTo(stored.key, outside)), outside)
  return report
}

/** A crash loop makes the same core again and again. What cannot be told to be the same is kept. */
async function admit(crash: Crash, { repeats, now, log }: Outside): Promise<Admission> {
  const same = caseOf(crash)
  if (same === null) return { keep: true, suppressed: 0 }
  try {
    return await repeats.admit(same, now())
  } catch (cause) {
    log.warn({ crash: crash.id, reason: messageOf(cause) }, 'repeats not counted')
    return { keep: true, suppressed: 0 }
  }
}

/** The report of a crash whose core is not kept, because one like it was. Nobody is told: the next notice has the count. */
async function countOnly(
  crash: Crash,
  since: Date,
  pipe: CorePipe,
  { sink, log }: Outside,
): Promise<CrashReport> {
  pipe.close()
  const incompleteReason = `not kept: a core of the same crash was kept at ${since.toISOString()}, and dedupe keeps no more`
  const report: CrashReport = { ...describe(crash), core: { complete: false, incompleteReason } }
  await storeReport(report, crashFolder(ownerOf(crash), { ...crash, ...crash.args }), sink)
  log.info({ report }, 'crash suppressed')
  return report
}

interface Kept {
  readonly report: CrashReport
  readonly stored: StoredCore
}

/** The core, and then its report, into the store. Rejects if the core is lost, after its owner was told. */
async function keep(
  crash: Crash,
  suppressed: number,
  pipe: CorePipe,
  config: Config,
  outside: Outside,
): Promise<Kept> {
  const { sink, log } = outside
  const { core, args } = crash
  const begun = describe(crash)
  try {
    if (core.isEmpty) throw nothingWritten(args.pid)
    const folder = crashFolder(ownerOf(crash), { ...crash, ...args })
    const stored = await storeCore(crash, folder, config, sink)

    const report: CrashReport = {
      ...begun,
      ...describeSite(begun, core),
      core: describeCore(stored, pipe, core, config),
      timing: describeTiming(pipe),
      ...(suppressed === 0 ? {} : { suppressed }),
    }
    await storeReport(report, folder, sink)
    log.info({ report }, 'crash stored')
    return { report, stored }
  } catch (cause) {
    pipe.close()
    await tell(lostNotice(crash, begun, cause), outside)
    // Whoever catches it logs "crash lost", by this same log: the line is to say whose crash it was.
    log.setBindings({ report: begun })
    throw cause
  }
}

/**
 * What was seen of the process, if the core agrees that it is the one that crashed: the kernel writes
 * the pid, as the process itself sees it, into the core.
 */
function certainly(
  core: CoreStream,
  seen: Observed,
  owner: Identity | null,
): { observed: Observed; identity: Identity | null } {
  const [written, looked] = [core.head?.pid, seen.namespacedPid]
  if (written === undefined || looked === undefined || written === looked)
    return { observed: seen, identity: owner }
  return {
    observed: unverified(`the core is of process ${written}, but process ${looked} was looked at`),
    identity: null,
  }
}

/** The core is stored: a link that cannot be made is a pity, and no more. */
async function linkTo(key: string, { sink, log }: Outside): Promise<string | null> {
  try {
    return await sink.link(key)
  } catch (cause) {
    log.warn({ key, reason: messageOf(cause) }, 'link not made')
    return null
  }
}

/** Nobody may have been told, and the log says so; what is stored is stored all the same. */
async function tell(notice: Notice, { notifier, log }: Outside): Promise<void> {
  for (const delivery of await notifier.tell(notice)) {
    if (delivery.outcome === 'failed') log.error({ crash: notice.report.id, ...delivery }, 'notice failed')
  }
}

/** Enough to find a crash that left no report. */
function brief({ pid, comm, signal }: KernelArgs, owner: Identity | null): object {
  if (owner?.kind !== 'container') return { pid, comm, signal }
  return {
    pid,
    comm,
    signal,
    namespace: owner.pod?.namespace,
    pod: owner.pod?.name,
    container: owner.container?.name,
  }
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
