import type { Config } from '../config/config.ts'
import { messageOf, OperatorError } from '../crash/errors.ts'
import { notKept } from '../crash/incomplete-core.ts'
import type { CrashReport } from '../crash/report.ts'
import { linesTold } from '../notify/log-excerpt.ts'
import type { PutOutcome } from '../storage/parts/failover.ts'
import { Binaries } from './binaries/binaries.ts'
import { type Capture, pidOf } from './capture.ts'
import { type StoredCore, storeCore } from './core/store-core.ts'
import { whyRefused } from './count-crash.ts'
import { countedIn, countInCluster } from './count-in-cluster.ts'
import { refusedLate } from './deduplicate/ask-cluster.ts'
import { countNoMore } from './deduplicate/deduplicate.ts'
import type { Kept, Refused } from './deduplicate/deduplication.ts'
import type { LateWord, Others } from './deduplicate/late-word.ts'
import { describe, describeCore, describeTiming } from './describe.ts'
import { folderOf } from './location.ts'
import { nearMaxHold } from './max-hold.ts'
import { lostNotification } from './notifications.ts'
import type { Outside } from './outside.ts'
import { type Reported, Reporting } from './reporting.ts'
import { scrubFor } from './scrub-for.ts'
import { Secrets } from './secrets.ts'
import { spoolFor } from './spool-for.ts'
import type { Spooling } from './spooling.ts'
import { storeReport } from './store-report.ts'
import { tell } from './tell.ts'
import { unlessDropped } from './unless-dropped.ts'

/** A crash that exists: its report is stored, or will be as soon as the store takes it. */
interface Stored extends Reported {
  readonly stored: StoredCore
  /** The installer stores what is missing, and tells. */
  readonly spooled: boolean
  /**
   * If it is not spooled: called when every destination will hear of it, also if we are killed. Twice does no
   * harm.
   */
  readonly forget: () => Promise<void>
  /** Resolves when what goes on beside is over, a minute later at the most. */
  readonly rest: () => Promise<void>
}

/** A crash whose core was dropped on its way. Until it is counted, the spool has it. */
export interface Dropped {
  readonly refused: Refused
  readonly spooling: Spooling
}

/**
 * The core, and then its report, into the store, or as far as the store does not take them onto the node's
 * disk; nothing of it, if its cluster says meanwhile that others are kept. Rejects if the core is lost, after its
 * owner was told; one that lies in a file is not lost.
 */
export async function storeCrash(
  capture: Capture,
  { suppressed, place, late }: Kept,
  config: Config,
  outside: Outside,
): Promise<Stored | Dropped> {
  const { sink, log } = outside
  const begun = {
    ...describe(capture),
    ...countedIn(capture, outside),
    ...(suppressed === 0 ? {} : { suppressed }),
  }
  const folder = folderOf(capture)
  const secrets = new Secrets(capture, outside)
  // Begun now: until the store reads, they are found.
  const scrub = scrubFor(capture, secrets, config)
  const reporting = new Reporting(capture, begun, config, outside, secrets)
  const binaries = new Binaries(capture, config, outside)
  // Not before: both keep the thread busy that reads the core.
  void capture.pipe.closed.then(() => {
    sink.prepare?.()
    void reporting.begun()
  })
  const noted = late?.place ?? place
  const spooling = await spoolFor(capture, { report: begun, place: noted }, config, outside)
  const placed = placedIn(spooling, noted, late)
  try {
    if (capture.core.isEmpty) throw nothingWritten(pidOf(capture))
    const reportOf = async (stored: StoredCore): Promise<CrashReport> => ({
      ...(await reporting.begun()),
      core: describeCore(stored, capture, config),
      timing: describeTiming(capture),
    })
    const onEnd = async (stored: StoredCore) => {
      late?.end()
      await spooling.seal(await reportOf(stored))
    }
    const isHurried = nearMaxHold(capture, config)
    const failover = late === undefined ? spooling : unlessDropped(spooling, late.dropped)
    const beside = { failover, isHurried, scrub, onEnd }
    const { stored, outcome } = await storeCore(capture, folder, config, sink, beside)

    // A store that fails takes no program either.
    if (outcome !== 'failed over') binaries.begin()
    const [{ report: told, kept }, named] = await Promise.all([
      reporting.told(await reportOf(stored)),
      binaries.named(),
    ])
    const whole = { report: { ...told, ...named }, kept }
    if (outcome === 'failed over') await placed
    const { report, isStored } = await finish({ ...whole, outcome }, folder, spooling, outside)
    const spooled = !isStored
    log.info({ report }, spooled ? 'crash spooled' : 'crash stored')
    if (report.core?.complete !== true) await countNoMore(capture, 'a part', placed, outside)
    return {
      ...{ report, kept, stored, spooled },
      forget: () => spooling.discard(),
      rest: () => binaries.end(),
    }
  } catch (cause) {
    capture.pipe.close()
    // Not waited for: people are to be told.
    void binaries.end()
    const others = late?.others ?? null
    const storing = { capture, begun, reporting, spooling, placed }
    return await (others === null ? lose(storing, cause, config, outside) : drop(storing, others, outside))
  }
}

/** A crash whose core is on its way. */
interface Storing {
  readonly capture: Capture
  readonly begun: CrashReport
  readonly reporting: Reporting
  readonly spooling: Spooling
  /** Key of its place in the cluster, once that is known. */
  readonly placed: Promise<string | undefined>
}

async function drop(
  { capture, begun, spooling }: Storing,
  others: Others,
  outside: Outside,
): Promise<Dropped> {
  const refused = await refusedLate(capture, others, outside)
  await spooling.drop({ ...begun, core: notKept(whyRefused(refused)) })
  return { refused, spooling }
}

/** Its owner is told. Rejects with `cause`. */
async function lose(
  { capture, reporting, spooling, placed }: Storing,
  cause: unknown,
  config: Config,
  outside: Outside,
): Promise<never> {
  const { report, kept } = await reporting.told(await reporting.begun())
  await countNoMore(capture, 'nothing', placed, outside)
  await countInCluster(capture, false, outside)
  const lines = linesTold(config.notice, kept?.text ?? null)
  const notification = { ...lostNotification(capture, report, cause), ...lines }
  if (capture.file === undefined) await tell(notification, outside)
  const lost = { ...report, core: notKept(messageOf(cause)) }
  await spooling.leave({ report: lost, core: null, told: true }, kept)
  // The caller that catches it logs it, by this same log: the line is to say whose crash it was.
  outside.log.setBindings({ report })
  throw cause
}

/** The place of its core, also where it comes later than what was `noted`: the installer gives it back, if we do not. */
async function placedIn(
  spooling: Spooling,
  noted: string | undefined,
  late: LateWord | undefined,
): Promise<string | undefined> {
  await late?.heard
  const found = late?.place ?? noted
  if (found !== undefined && found !== noted) await spooling.place(found)
  return found
}

/** Its report, and whether the crash is stored, with all that belongs to it. If not, the installer will do the rest. */
async function finish(
  { outcome, ...crash }: Reported & { readonly outcome: PutOutcome },
  folder: string,
  spooling: Spooling,
  outside: Outside,
): ReturnType<typeof storeReport> {
  if (outcome === 'failed over') {
    await spooling.leave({ report: crash.report }, crash.kept)
    return { report: crash.report, isStored: false }
  }
  return storeReport({ ...crash, told: false }, folder, async () => spooling, outside)
}

function nothingWritten(pid: number): OperatorError {
  return new OperatorError(
    `Cannot keep the core of process ${pid}: the kernel wrote nothing`,
    'The process was killed before its dump began: look for a removed container, a failed probe, or memory that ran out.',
  )
}
