import type { Config } from '../config/config.ts'
import { decide, isLikelyCollected } from '../config/policy.ts'
import type { Identity } from '../crash/identity.ts'
import { type KernelArgs, parseKernelArgs } from '../crash/kernel-args.ts'
import { newCrashId } from '../crash/object-key.ts'
import type { CrashReport } from '../crash/report.ts'
import type { Begun } from './beginning.ts'
import type { ContainerLog } from './container-log/container-log.ts'
import type { CorePipe } from './core/core-pipe.ts'
import type { CoreStream } from './core/core-stream.ts'
import { supplyFiles } from './core/crash-memory.ts'
import { EarlyCore } from './core/early-core.ts'
import { dispose } from './dispose.ts'
import { logForwarded } from './forward.ts'
import { foretell, identify, identifyByKernel } from './identity/identify.ts'
import { type Observed, observe, unverified } from './identity/observe.ts'
import { look } from './look.ts'
import type { Outside } from './outside.ts'
import type { Explainer } from './why/explainer.ts'
import { heldProcess } from './why/held-process.ts'
import { LikelyExplainer } from './why/likely-explainer.ts'
import type { Remains } from './why/remains.ts'

/**
 * The journey of one crash, top to bottom. Returns its report, or `null` if it was not for us. Rejects if the
 * core is lost, after its owner was told.
 *
 * Two things set the order. /proc/<pid> and the runtime's record are only sure to be there while the kernel
 * waits for us to read, so the process is looked at first. And the report is stored last: it makes the crash
 * exist, so a crash is seen only when all of it is there.
 */
export async function collect(
  argv: readonly string[],
  pipe: CorePipe,
  config: Config,
  outside: Outside,
): Promise<CrashReport | null> {
  const { node, now, beginnings } = outside

  const args = parseKernelArgs(argv)
  const begun = { id: newCrashId(), time: args.crashedAt ?? now(), node, args }
  void pipe.closed.then(outside.stepAside)
  const explainer = new LikelyExplainer(outside.explain)
  try {
    return await collectBegun(begun, pipe, explainer, config, outside)
  } finally {
    // Let go before anything else: a disk may hang.
    pipe.close()
    await explainer.end()
    await beginnings.forget(begun.id)
  }
}

type Started = Pick<Begun, 'id' | 'time' | 'node' | 'args'>

/** A crash that is ours, as the kernel and the runtime say whose it is. */
interface Wanted extends Started {
  readonly seen: Observed
  readonly owner: Identity | null
  readonly pipe: CorePipe
  readonly early: EarlyCore
}

async function collectBegun(
  begun: Started,
  pipe: CorePipe,
  explainer: LikelyExplainer,
  config: Config,
  outside: Outside,
): Promise<CrashReport | null> {
  const { forward, log } = outside
  const { args } = begun
  const early = new EarlyCore(pipe)
  const expect = (likely: Identity) => {
    if (decide(config.collect, likely).do !== 'collect') return
    // A thread costs more than a head that nobody wants, and takes longer.
    if (isLikelyCollected(config.collect, likely)) explainer.begin()
    void early.begin()
  }
  const { seen, owner } = await recognise(begun, outside, expect).catch(async cause => {
    await early.forget()
    throw cause
  })

  const decision = decide(config.collect, owner)
  if (decision.do === 'skip') {
    await early.forget()
    log.info({ ...brief(args, owner), reason: decision.reason }, 'crash skipped')
    return null
  }
  if (decision.do === 'forward') {
    logForwarded(await forward(args, seen, pipe, await early.taken()), brief(args, owner), log)
    return null
  }

  return await collectWanted({ ...begun, seen, owner, pipe, early }, explainer.begin(), config, outside)
}

async function collectWanted(
  { seen, owner, pipe, early, ...begun }: Wanted,
  explainer: Explainer,
  config: Config,
  outside: Outside,
): Promise<CrashReport> {
  const { args } = begun
  const log = logOf(owner, config, outside)
  await outside.beginnings.note({ ...begun, observed: seen, identity: owner, isWanted: true })
  // The head alone: by it a crash is known that will only be counted, and need not wait for a slot.
  const core = await early.begin()
  const { observed, identity } = certainly(core, seen, owner)
  const remains = observed.unverified === undefined ? await remainsOf(core, args, outside) : null
  // By reading it is closed; of what is not this one's for sure nothing is kept.
  if (identity === null) log?.read()
  const whose = { ...begun, observed, identity, pipe, core, ...(identity !== null && log && { log }) }
  const capture = await look(whose, remains, () => explainer)
  return (await dispose(capture, config, outside)).report
}

function logOf(owner: Identity | null, { collect }: Config, { openLog }: Outside): ContainerLog | null {
  const path = owner?.kind === 'container' ? owner.container?.logPath : undefined
  return path === undefined || collect.logLines === 0 ? null : openLog(path)
}

async function remainsOf(core: CoreStream, args: KernelArgs, { proc }: Outside): Promise<Remains | null> {
  await supplyFiles(core, args, proc)
  return core.head === null ? null : heldProcess(args, core.head, proc)
}

/**
 * Whose crash it is. That there is one is noted, and then the kernel's word, which comes at once. In a burst each has
 * to wait for the runtime's, or none would get an answer within its deadlines. `expect` is told meanwhile whose it most
 * likely is, or as much as the kernel says.
 */
async function recognise(
  begun: Started,
  { proc, runtime, waitToInspect, beginnings }: Outside,
  expect: (likely: Identity) => void,
): Promise<{ seen: Observed; owner: Identity | null }> {
  const nothing = { observed: null, identity: null, isWanted: false }
  const [, seen] = await Promise.all([beginnings.note({ ...begun, ...nothing }), observe(begun.args, proc)])
  const { cgroup } = seen
  if (cgroup === null) return { seen, owner: null }
  const identity = identifyByKernel(
    cgroup,
    'its handler was killed before the container runtime had answered',
  )
  if (identity.kind === 'host') expect(identity)
  const noted = beginnings.note({ ...begun, observed: seen, identity, isWanted: false })
  if (identity.kind === 'host') {
    await noted
    return { seen, owner: identity }
  }
  const [look] = await Promise.all([waitToInspect(identity), noted])
  try {
    expect(foretell(cgroup, runtime) ?? identity)
    return { seen, owner: await identify(cgroup, runtime) }
  } finally {
    look.end()
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
