import type { Logger } from 'pino'
import type { Config } from '../config/config.ts'
import { messageOf, OperatorError } from '../crash/errors.ts'
import { type KernelArgs, parseKernelArgs } from '../crash/kernel-args.ts'
import { crashFolder, newCrashId } from '../crash/object-key.ts'
import { type CrashReport, encodeReport } from '../crash/report.ts'
import type { Notice, Notifier } from '../notify/notice.ts'
import type { Sink } from '../storage/object-store.ts'
import { blockCodec } from './block-codec.ts'
import { storedBoundBytes } from './bound.ts'
import type { CorePipe } from './core-pipe.ts'
import { CoreStream } from './core-stream.ts'
import {
  type Crash,
  corefilePath,
  describe,
  describeCore,
  describeSite,
  describeTiming,
  ownerOf,
} from './describe.ts'
import type { Forward } from './forward.ts'
import { type Identity, identify, type Runtime } from './identify.ts'
import { type Observed, observe, unverified } from './observe.ts'
import { decide } from './policy.ts'
import type { Proc } from './proc.ts'
import { storeCore } from './store-core.ts'
import type { ThisNode } from './this-node.ts'

/** Everything outside this process that a crash meets on its way. */
export interface Outside {
  readonly proc: Proc
  readonly runtime: Runtime
  readonly forward: Forward
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
  const { proc, runtime, forward, sink, node, now, log } = outside

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
    const forwarded = await forward(args, seen, pipe)
    log.info({ ...brief(args, owner), ...forwarded }, 'crash forwarded')
    return null
  }

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
  const begun = describe(crash)
  try {
    if (core.isEmpty) throw nothingWritten(args.pid)
    const codec = blockCodec(config.compression)
    const folder = crashFolder(ownerOf(crash), { ...crash, ...args })
    const bound = storedBoundBytes(
      { ...observed, ...core.head, limitBytes: config.limits.maxCoreBytes },
      config.compression,
    )
    const stored = await storeCore(core, codec, sink, folder, bound)

    const report: CrashReport = {
      ...begun,
      ...describeSite(begun, core),
      core: {
        ...stored,
        url: sink.location(stored.key),
        compression: config.compression,
        ...describeCore(pipe, core),
      },
      timing: describeTiming(pipe),
    }
    const body = encodeReport(report)
    await sink.put(`${folder}/report.json`, [body], body.length)
    log.info({ report }, 'crash stored')

    const outcome = report.core?.complete === true ? 'stored' : 'incomplete'
    await tell(
      {
        outcome,
        report,
        link: await linkTo(stored.key, outside),
        corefilePath: corefilePath(crash, codec.suffix),
      },
      outside,
    )
    return report
  } catch (cause) {
    pipe.close()
    const lost = {
      outcome: 'lost',
      report: begun,
      link: null,
      corefilePath: corefilePath(crash, ''),
      ...why(cause),
    } as const
    await tell(lost, outside)
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

function nothingWritten(pid: number): OperatorError {
  return new OperatorError(
    `Cannot keep the core of process ${pid}: the kernel wrote nothing`,
    'The process was killed before its dump began: look for a removed container, a failed probe, or memory that ran out.',
  )
}

function why(cause: unknown): { reason: string; hint?: string } {
  return { reason: messageOf(cause), ...(cause instanceof OperatorError ? { hint: cause.hint } : {}) }
}
