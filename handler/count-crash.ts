import type { Config } from '../config/config.ts'
import { notKept } from '../crash/incomplete-core.ts'
import type { CrashReport } from '../crash/report.ts'
import type { Capture } from './capture.ts'
import { countedIn, countInCluster } from './count-in-cluster.ts'
import { coreInPlaceOf } from './deduplicate/ask-cluster.ts'
import { leaveWord } from './deduplicate/deduplicate.ts'
import type { Refused, Remembered } from './deduplicate/deduplication.ts'
import { describe } from './describe.ts'
import { folderOf } from './location.ts'
import { suppressedNotification } from './notifications.ts'
import type { Outside } from './outside.ts'
import { Reporting } from './reporting.ts'
import { Secrets } from './secrets.ts'
import { spoolFor } from './spool-for.ts'
import type { Spooling } from './spooling.ts'
import { storeReport } from './store-report.ts'
import { storeStacks } from './store-stacks.ts'

/** What is left of a crash that is only counted. */
export interface Left {
  readonly remembered: Remembered
  /** Whether its core, of stacks, is to be stored. */
  readonly hasCore: boolean
  /** That has the crash already; absent: none has. */
  readonly spooling?: Spooling
}

/**
 * What is left of a crash whose core is not kept, because enough like it were; its process is held no more.
 * People hear of it with the next notification, or once the time is over. Of a crash loop there are hundreds:
 * the first of them have a report, and why; the others a line of the log.
 */
export async function countCrash(
  capture: Capture,
  refused: Refused,
  { remembered, hasCore, spooling }: Left,
  config: Config,
  outside: Outside,
): Promise<CrashReport> {
  const { log } = outside
  const reason = whyRefused(refused)
  const instead = remembered === 'nothing' ? refused.core : await coreInPlaceOf(refused, outside)
  const secrets = new Secrets(capture, outside)
  const stacks = hasCore ? await storeStacks(capture, secrets, config, outside) : null
  const core = { ...(stacks ?? notKept(reason)), ...(instead && { kept: instead }) }
  const reporting = new Reporting(
    capture,
    { ...describe(capture), ...countedIn(capture, outside) },
    config,
    outside,
    secrets,
  )
  const begun = { ...(await reporting.begun()), core }
  const { report, kept } =
    remembered === 'nothing'
      ? { report: await reporting.recounted(begun), kept: null }
      : await reporting.told(begun)
  const group = await countInCluster(capture, remembered === 'report', outside)
  const notification = {
    ...suppressedNotification(capture, report, reason),
    ...(group !== null && { group }),
  }
  if (remembered !== 'nothing') await leaveWord(capture, refused.by, notification, outside)
  if (remembered === 'report') {
    const later = async () => spooling ?? (await spoolFor(capture, { report }, config, outside))
    await storeReport({ report, kept, told: true }, folderOf(capture), later, outside)
  }
  log.info({ report }, 'crash suppressed')
  return report
}

/** In words, for its report. */
export function whyRefused({ by, since, keeps, byCluster }: Refused): string {
  const from = since.toISOString()
  if (byCluster !== undefined)
    return `a core of the same crash was kept in the cluster, and dedupe keeps no more until ${byCluster.until.toISOString()}`
  return by === 'dedupe'
    ? `a core of the same crash was kept at ${from}, and dedupe keeps no more`
    : `its workload has had ${keeps} cores kept on this node since ${from}, and limits.perWorkload keeps no more within an hour`
}
