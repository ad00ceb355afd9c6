import type { Logger } from 'pino'
import { entryOfReport } from '../../crash/entry-of-report.ts'
import { reasonOf } from '../../crash/errors.ts'
import { groupFolderIn } from '../../crash/group-key.ts'
import { notKept, whyNotKept } from '../../crash/incomplete-core.ts'
import { LOG_FILE } from '../../crash/log-text.ts'
import { reportKeyOf } from '../../crash/object-key.ts'
import { type CrashReport, encodeReport, type ReportCore } from '../../crash/report.ts'
import { addNames, mayBeTakenLater, whyNotNamed } from '../../crash-index/add-names.ts'
import { giveBackPlace } from '../../groups/places.ts'
import type { GroupNote } from '../../handoff/group-note.ts'
import { readSpooledLog, removeSpooled, type Spooled, writeSpoolRecord } from '../../handoff/spool-entry.ts'
import type { SpooledCore, SpoolRecord } from '../../handoff/spool-record.ts'
import type { CrashLinks } from '../../notify/crash-links.ts'
import type { Notification } from '../../notify/notification.ts'
import { explained } from '../../storage/errors.ts'
import type { ObjectStore } from '../../storage/object-store.ts'
import { unanswered } from '../../storage/parts/lost-error.ts'
import { noteOf } from './count-finished.ts'
import { type FinishedCore, finishCore } from './finish-core.ts'

/** What finishing a crash needs of the world. */
export interface Finishing {
  readonly store: ObjectStore
  /**
   * Sees to it that every destination is told, also if we are killed right after it. `log`: the text of
   * `log.txt`; `null`: there is none.
   */
  readonly tell: (notification: Notification, log: string | null) => Promise<void>
  /** Has it counted with those of all nodes; twice does no harm. Absent: nobody counts. */
  readonly count?: (note: GroupNote) => Promise<void>
  /** Has the node ask again for the places of a group, by its folder in the store. Absent: it remembers none. */
  readonly forgetWindow?: (group: string) => Promise<void>
  readonly log: Pick<Logger, 'warn'>
  /** For the report of a handler that did not know it; `null` or absent: it is not known. */
  readonly cluster?: (() => string | null) | undefined
}

/**
 * The journey of a crash that its handler left in the spool: core, names in the index, report, notification, and then
 * the spool forgets it. Each step is written down before the next, and does no harm when it is done twice. Rejects if
 * the store refuses; then it is tried again.
 */
export async function finishCrash(left: Spooled, finishing: Finishing): Promise<CrashReport> {
  const { store, tell, count, log: logger, cluster } = finishing
  // Not when it is finished: the store may be away for hours.
  const spooled = count === undefined ? left : await countedOnce(left, count, logger)
  const record = await withoutCore(spooled, store)
  const { folder } = record
  const log = await readSpooledLog(spooled).catch(() => null)
  const report = { ...ofCluster(record.report, cluster?.() ?? null), ...(await storeLog(log, record, store)) }
  await nameCrash({ folder, report }, store, logger)
  const body = encodeReport(report)
  if ((await store.put(`${folder}/report.json`, [body], body.length)) === 'unanswered') throw unanswered()
  if (record.place !== undefined && report.core?.complete !== true)
    await giveBack(record, report.core?.key === undefined ? 'nothing' : 'a part', finishing)
  if (!record.told) await tell(notificationOf({ ...record, report }, await linksTo(record, store)), log)
  await removeSpooled(spooled.folder)
  return report
}

/** Whether its handler had it counted before it was killed is not known: whoever counts knows the id. */
async function countedOnce(
  spooled: Spooled,
  count: (note: GroupNote) => Promise<void>,
  log: Finishing['log'],
): Promise<Spooled> {
  const note = noteOf(spooled.record)
  if (note === null) return spooled
  try {
    await count(note)
    const record = { ...spooled.record, counted: true } as const
    await writeSpoolRecord(spooled.folder, record)
    return { ...spooled, record }
  } catch (cause) {
    log.warn({ crash: note.id, ...reasonOf(cause) }, 'crash not counted in the cluster')
    return spooled
  }
}

async function withoutCore(spooled: Spooled, store: ObjectStore): Promise<SpoolRecord> {
  const { record, folder } = spooled
  const { core } = record
  if (core === null) return record
  let noted: SpooledCore = core
  const note = (change: Partial<SpooledCore>) => {
    noted = { ...noted, ...change }
    return writeSpoolRecord(folder, { ...record, core: noted })
  }
  const finished = await finishCore(spooled, core, store, note).catch((cause: unknown) => {
    throw explained('put', core.key, cause, store.location(core.key))
  })
  const report = { ...record.report, core: coreOf(record, finished) }
  const done = { ...record, report, core: null }
  await writeSpoolRecord(folder, done)
  return done
}

/** Whoever crashes next may have it; that nobody can is no reason to try the rest again. */
async function giveBack(
  { id, place = '' }: SpoolRecord,
  kept: 'a part' | 'nothing',
  { store, forgetWindow, log }: Finishing,
): Promise<void> {
  try {
    await giveBackPlace(store, place, id)
    if (kept === 'nothing') await forgetWindow?.(groupFolderIn(place) ?? '')
  } catch (cause) {
    log.warn({ crash: id, place, ...reasonOf(cause) }, 'place not given back')
  }
}

/** As of a handler that knew it. */
function ofCluster(report: CrashReport, cluster: string | null): CrashReport {
  if (cluster === null || report.node?.cluster !== undefined) return report
  return { ...report, node: { ...report.node, cluster } }
}

/** Rejects where it may go better soon; a store that refuses it for good takes the crash without its names. */
async function nameCrash(
  { folder, report }: Pick<SpoolRecord, 'folder' | 'report'>,
  store: ObjectStore,
  log: Finishing['log'],
): Promise<void> {
  const entry = entryOfReport(folder, report, report.node?.cluster ?? '')
  try {
    if (entry !== null) await addNames(store, entry)
  } catch (cause) {
    if (mayBeTakenLater(cause)) throw cause
    log.warn(whyNotNamed(cause), 'crash not in the index')
  }
}

/** The report is worth more, and so it is not tried again for the log's sake. */
async function storeLog(
  text: string | null,
  { folder, log }: SpoolRecord,
  store: ObjectStore,
): Promise<Pick<CrashReport, 'log'>> {
  if (log === undefined || text === null) return {}
  const body = Buffer.from(text)
  const isStored = await store.put(`${folder}/${LOG_FILE}`, [body], body.length).then(
    () => true,
    () => false,
  )
  return isStored ? { log } : {}
}

/**
 * What is known of the core now. Of one that is not whole, the size and digest of the whole one say nothing.
 */
function coreOf({ report }: SpoolRecord, finished: FinishedCore): ReportCore {
  const { core = {} } = report
  if (finished.kept === 'whole') return { ...core, checked: finished.checked }
  if (finished.kept === 'nothing') return notKept(finished.reason)
  const { sha256: _sha256, md5: _md5, storedBytes: _whole, ...rest } = core
  const stored = finished.kept === 'beginning' ? { storedBytes: finished.storedBytes } : {}
  return { ...rest, ...stored, complete: false, incompleteReason: finished.reason }
}

function notificationOf({ report, corefilePath }: SpoolRecord, links: CrashLinks): Notification {
  const { core } = report
  if (core?.key === undefined) {
    return {
      outcome: 'lost',
      report,
      link: null,
      corefilePath,
      reason: whyNotKept(core?.incompleteReason ?? 'the reason is not known'),
    }
  }
  return { outcome: core.complete === true ? 'stored' : 'incomplete', report, ...links, corefilePath }
}

/** Those of the program that crashed the outbox makes, which makes all of them anew. */
async function linksTo({ report, folder }: SpoolRecord, store: ObjectStore): Promise<CrashLinks> {
  const name = report.core?.key?.split('/').at(-1)
  if (name === undefined) return { link: null }
  const core = `${folder}/${name}`
  return { link: await store.link(core), reportLink: await store.link(reportKeyOf(core)) }
}
