import type { Config } from '../config/config.ts'
import { parseDuration } from '../config/duration.ts'
import { messageOf, OperatorError, reasonOf } from '../crash/errors.ts'
import { notKept } from '../crash/incomplete-core.ts'
import { type CrashReport, encodeReport } from '../crash/report.ts'
import type { PutOutcome } from '../storage/parts/failover.ts'
import { unanswered } from '../storage/parts/lost-error.ts'
import { Binaries } from './binaries/binaries.ts'
import { type Capture, pidOf } from './capture.ts'
import { coreKey, type StoredCore, storeCore } from './core/store-core.ts'
import { countNoMore, leaveWord } from './deduplicate/deduplicate.ts'
import type { Refused, Remembered } from './deduplicate/deduplication.ts'
import { describe, describeCore, describeTiming, withArguments } from './describe.ts'
import { explained, recounted } from './explained.ts'
import { type KeptLog, keptLogOf, linesTold, storeLog, withWords } from './kept-log.ts'
import { folderOf, locationOf } from './location.ts'
import { keptNotification, lostNotification, suppressedNotification } from './notifications.ts'
import type { Outside } from './outside.ts'
import { Secrets } from './secrets.ts'
import { type Draft, Spooling } from './spooling.ts'
import { tell } from './tell.ts'

/** A crash that exists: its report is stored, or will be as soon as the store takes it. */
interface Stored {
  readonly report: CrashReport
  readonly kept: KeptLog | null
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

/**
 * The core, and then its report, into the store, or as far as the store does not take them onto the node's
 * disk. Rejects if the core is lost, after its owner was told; one that lies in a file is not lost.
 */
export async function storeCrash(
  capture: Capture,
  suppressed: number,
  config: Config,
  outside: Outside,
): Promise<Stored> {
  const { sink, log } = outside
  const begun = { ...describe(capture), ...(suppressed === 0 ? {} : { suppressed }) }
  const folder = folderOf(capture)
  const secrets = new Secrets(capture, outside)
  const binaries = new Binaries(capture, config, outside)
  const spooling = await spoolFor(capture, begun, config, outside)
  try {
    if (capture.core.isEmpty) throw nothingWritten(pidOf(capture))
    const reportOf = async (stored: StoredCore): Promise<CrashReport> => ({
      ...withArguments(begun, capture, config, await secrets.known()),
      core: describeCore(stored, capture, config),
      timing: describeTiming(capture),
    })
    const onEnd = (stored: StoredCore) => reportOf(stored).then(report => spooling.seal(report))
    const { stored, outcome } = await storeCore(capture, folder, config, sink, { failover: spooling, onEnd })

    // A store that fails takes no program either.
    if (outcome !== 'failed over') binaries.begin()
    const [known, named] = await Promise.all([
      explained(await reportOf(stored), capture, outside),
      binaries.named(),
    ])
    const said = { ...(await secrets.blankedIn(known)), ...named }
    const kept = await keptLogOf(capture, secrets, config, outside)
    const placed = outcome === 'failed over' ? {} : await storeLog(kept, outside)
    const report = { ...withWords(said, kept), ...placed }
    const spooled = !(await finish({ report, kept, outcome }, folder, spooling, outside))
    log.info({ report }, spooled ? 'crash spooled' : 'crash stored')
    if (report.core?.complete !== true) await countNoMore(capture, 'a part', outside)
    return {
      ...{ report, kept, stored, spooled },
      forget: () => spooling.discard(),
      rest: () => binaries.end(),
    }
  } catch (cause) {
    capture.pipe.close()
    // Not waited for: people are to be told.
    void binaries.end()
    const begins = withArguments(begun, capture, config, await secrets.known())
    const said = await secrets.blankedIn(await explained(begins, capture, outside))
    const kept = await keptLogOf(capture, secrets, config, outside)
    const report = withWords(said, kept)
    await countNoMore(capture, 'nothing', outside)
    const notification = { ...lostNotification(capture, report, cause), ...linesTold(kept, config) }
    if (capture.file === undefined) await tell(notification, outside)
    const lost = { ...report, core: notKept(messageOf(cause)) }
    await spooling.leave({ report: lost, core: null, told: true }, kept)
    // The caller that catches it logs it, by this same log: the line is to say whose crash it was.
    log.setBindings({ report })
    throw cause
  }
}

/** Whether the crash is stored, with all that belongs to it. If not, the installer will do the rest. */
async function finish(
  { outcome, ...crash }: Reported & { readonly outcome: PutOutcome },
  folder: string,
  spooling: Spooling,
  outside: Outside,
): Promise<boolean> {
  if (outcome === 'failed over') {
    await spooling.leave({ report: crash.report }, crash.kept)
    return false
  }
  return storeReport({ ...crash, told: false }, folder, async () => spooling, outside)
}

/** A crash of which all is known, with the log of its container. */
interface Reported {
  readonly report: CrashReport
  readonly kept: KeptLog | null
}

/** Whether the report is stored. If not, the installer will do it; rejects if it cannot either. */
async function storeReport(
  { report, kept, told }: Reported & { readonly told: boolean },
  folder: string,
  spool: () => Promise<Spooling>,
  { sink, log }: Pick<Outside, 'sink' | 'log'>,
): Promise<boolean> {
  const body = encodeReport(report)
  const leave = async () => (await spool()).leave({ report, core: null, told }, kept)
  try {
    const outcome = await sink.put(`${folder}/report.json`, [body], body.length)
    // Where there is no spool, the store's word is all there is.
    if (outcome !== 'unanswered' || !(await leave())) return true
    log.warn(reasonOf(unanswered()), 'report goes to the spool')
  } catch (cause) {
    if (!(await leave())) throw cause
    log.warn(reasonOf(cause), 'report goes to the spool')
  }
  return false
}

/** A core that lies in a file is on the node already. */
async function spoolFor(
  capture: Capture,
  begun: CrashReport,
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
function draftOf(capture: Capture, begun: CrashReport, config: Config, { sink }: Outside): Draft {
  const { compression } = config
  const folder = folderOf(capture)
  const core = { ...locationOf(capture, config, sink), compression, complete: false }
  const report = { ...begun, core }
  const { corefilePath } = keptNotification(capture, report, { link: null })
  return { id: capture.id, folder, coreKey: coreKey(folder, compression), report, corefilePath }
}

/**
 * What is left of a crash whose core is not kept, because enough like it were; its process is held no more.
 * People hear of it with the next notification, or once the time is over. Of a crash loop there are hundreds:
 * the first of them have a report, and why; the others a line of the log.
 */
export async function storeReportOnly(
  capture: Capture,
  refused: Refused,
  remembered: Remembered,
  config: Config,
  outside: Outside,
): Promise<CrashReport> {
  const { log } = outside
  const reason = whyRefused(refused)
  const core = { ...notKept(reason), ...(refused.core && { kept: refused.core }) }
  const secrets = new Secrets(capture, outside)
  const begun: CrashReport = {
    ...withArguments(describe(capture), capture, config, await secrets.known()),
    core,
  }
  const explaining = remembered === 'nothing' ? recounted : explained
  const said = await secrets.blankedIn(await explaining(begun, capture, outside))
  const kept = remembered === 'nothing' ? null : await keptLogOf(capture, secrets, config, outside)
  const report = withWords(said, kept)
  if (remembered !== 'nothing')
    await leaveWord(capture, refused.by, suppressedNotification(capture, report, reason), outside)
  if (remembered === 'report') {
    const later = () => spoolFor(capture, report, config, outside)
    const placed = { ...report, ...(await storeLog(kept, outside)) }
    await storeReport({ report: placed, kept, told: true }, folderOf(capture), later, outside)
  }
  log.info({ report }, 'crash suppressed')
  return report
}

function whyRefused({ by, since, keeps }: Refused): string {
  const from = since.toISOString()
  return by === 'dedupe'
    ? `a core of the same crash was kept at ${from}, and dedupe keeps no more`
    : `its workload has had ${keeps} cores kept on this node since ${from}, and limits.perWorkload keeps no more within an hour`
}

/**
 * The pod's own limit, by its annotation, wins over the node's, but not under the least that the operator
 * allows: what is over it goes to the node's disk, which all pods share. One that is no duration is none, and
 * 0 s are no limit.
 */
function maxHoldOf({ identity }: Capture, { limits }: Config): number {
  const annotation =
    identity?.kind === 'container' ? identity.pod?.annotations?.['coredog.io/max-hold'] : undefined
  const wish = annotation === undefined ? undefined : parseDuration(annotation)
  if (wish === undefined) return limits.maxHoldSeconds
  return wish === 0 ? 0 : Math.max(wish, limits.leastHoldSeconds)
}

function nothingWritten(pid: number): OperatorError {
  return new OperatorError(
    `Cannot keep the core of process ${pid}: the kernel wrote nothing`,
    'The process was killed before its dump began: look for a removed container, a failed probe, or memory that ran out.',
  )
}
