import type { Config } from '../config/config.ts'
import { reasonOf } from '../crash/errors.ts'
import type { Use } from '../crash/quota.ts'
import type { CrashReport } from '../crash/report.ts'
import { type CrashLinks, linksTo } from '../notify/crash-links.ts'
import { linesTold } from '../notify/log-excerpt.ts'
import type { Capture } from './capture.ts'
import { countCrash, type Left } from './count-crash.ts'
import { countInCluster } from './count-in-cluster.ts'
import { askCluster, isAsked } from './deduplicate/ask-cluster.ts'
import { countReport, deduplicate, remember } from './deduplicate/deduplicate.ts'
import type { Refused } from './deduplicate/deduplication.ts'
import type { LateWord } from './deduplicate/late-word.ts'
import { dumpOf } from './dump.ts'
import { leanCapture } from './lean-capture.ts'
import { keptNotification } from './notifications.ts'
import type { Outside } from './outside.ts'
import type { Sending } from './queue/node-semaphores.ts'
import { type Dropped, storeCrash } from './store-crash.ts'
import { tell } from './tell.ts'
import { withinQuota } from './within-quota.ts'

/** `suppressed`: the report is kept, and of the core none, because one like it was. */
export interface Disposition {
  readonly outcome: 'stored' | 'suppressed'
  readonly report: CrashReport
}

/**
 * What becomes of a crash that is ours, however its core came; what was taken to explain it is given back then.
 * Rejects as {@link storeCrash} does.
 */
export async function dispose(capture: Capture, config: Config, outside: Outside): Promise<Disposition> {
  try {
    return await keepOrCount(capture, config, outside)
  } finally {
    await capture.why.close()
  }
}

async function keepOrCount(seen: Capture, config: Config, outside: Outside): Promise<Disposition> {
  const own = await deduplicate(seen, config, outside)
  const { pipe, why } = seen
  void pipe.closed.then(() => why.letGo())
  const wanted = own.keep ? await leanCapture(seen, dumpOf(seen, config), outside) : seen
  if (own.keep) readAhead(wanted, outside)
  const used = own.keep ? outside.quota(seen) : null
  const admission = isAsked(own) ? await askCluster(wanted, own, config, outside) : own
  const left = admission.keep ? null : await leftOf(wanted, admission, config, outside)
  const late = admission.keep ? admission.late : undefined
  const fits = left !== null || used === null ? wanted : await fitting(wanted, used, late, outside)
  const { capture, hasCore, remembered } = left ?? { capture: fits, hasCore: true, remembered: 'report' }
  if (remembered === 'nothing') await why.close()
  // A core that lies in a file holds no process, and the installer sees to it how many are taken at once.
  if (capture.file === undefined)
    await waitToSend(capture, hasCore && capture.core.isLonger ? 'upload' : 'rest', outside)
  // With a slot, because it takes memory; those who wait are many.
  why.begin()
  if (!admission.keep) {
    const report = await countCrash(capture, admission, { remembered, hasCore }, config, outside)
    return { outcome: 'suppressed', report }
  }
  const crash = await storeCrash(capture, admission, config, outside)
  if ('refused' in crash)
    return { outcome: 'suppressed', report: await countLate(capture, crash, config, outside) }
  const { report, kept, stored, spooled, forget, rest } = crash
  const group = await countInCluster(capture, true, outside)
  if (!spooled) {
    // Until the outbox has the notification, the spool has the crash: a kill in between must not leave it
    // untold.
    const links = await linksOrNone(report, stored.key, config, outside)
    const notification = {
      ...keptNotification(capture, report, links),
      ...(group !== null && { group }),
      ...linesTold(config.notice, kept?.text ?? null),
    }
    await tell(notification, outside, forget)
    await forget()
  }
  await countReport(capture, outside)
  await rest()
  return { outcome: 'stored', report }
}

/** Its core was dropped on its way, and no stacks can be taken from it. */
async function countLate(
  capture: Capture,
  { refused, spooling }: Dropped,
  config: Config,
  outside: Outside,
): Promise<CrashReport> {
  const remembered = await remember(capture, refused, outside)
  const left = { remembered, hasCore: false, spooling }
  const report = await countCrash(capture, refused, left, config, outside)
  await spooling.discard()
  return report
}

/** What lies in a file holds no process, and a small core is in memory with its head. */
function readAhead({ core, file }: Capture, outside: Outside): void {
  if (file === undefined && core.isLonger) core.readAhead(outside.readAhead(), outside.poolPriority)
}

/** What its namespace has room for. What was dropped while that was asked is gone already. */
async function fitting(
  wanted: Capture,
  used: Promise<Use | null>,
  late: LateWord | undefined,
  outside: Outside,
): Promise<Capture> {
  const use = await used
  if (late?.dropped.aborted) return wanted
  const capture = await withinQuota(wanted, use, outside)
  if (capture.core !== wanted.core) readAhead(capture, outside)
  return capture
}

/** What is left of a crash that is only counted: its stacks, where they are wanted and it has a report, or no core. */
async function leftOf(
  capture: Capture,
  refused: Refused,
  { dedupe }: Config,
  outside: Outside,
): Promise<Left & { readonly capture: Capture }> {
  if (dedupe.after === 'none') await capture.core.leave()
  const remembered = await remember(capture, refused, outside)
  if (dedupe.after === 'none' || remembered !== 'report') {
    await capture.core.leave()
    return { capture, remembered, hasCore: false }
  }
  const isLean = capture.dump?.dump === 'stacks'
  const lean = isLean ? capture : await leanCapture(capture, 'stacks', outside)
  const hasCore = lean.dump?.dump === 'stacks'
  if (hasCore && !isLean) readAhead(lean, outside)
  if (!hasCore) await capture.core.leave()
  return { capture: hasCore ? lean : capture, remembered, hasCore }
}

/** `what` is sent where the process is held no more. */
async function waitToSend({ identity, pipe, why }: Capture, what: Sending, outside: Outside): Promise<void> {
  const isHeld = pipe.closedAt === null && (await outside.waitToStream(identity, pipe.closed))
  if (isHeld) return
  // The files of code are open for a minute only, and its turn may come later. A claim counts what that takes.
  if (what === 'upload') why.begin()
  await outside.waitToSend(identity, what)
}

/** The core is stored: links that cannot be made are a pity, and no more. */
async function linksOrNone(
  report: CrashReport,
  coreKey: string,
  { storage: { storeDir } }: Config,
  { sink, log }: Outside,
): Promise<CrashLinks> {
  try {
    return await linksTo(report, { coreKey, storeDir }, (key, savedAs) => sink.link(key, savedAs))
  } catch (cause) {
    log.warn({ key: coreKey, ...reasonOf(cause) }, 'link not made')
    return { link: null }
  }
}
