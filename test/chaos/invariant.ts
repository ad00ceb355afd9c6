import { createHash } from 'node:crypto'
import path from 'node:path'
import { createGunzip, createZstdDecompress } from 'node:zlib'
import { backtraceRanges } from '../../crash/backtrace-ranges.ts'
import { readCoreHead } from '../../crash/core-head.ts'
import { keepOnly } from '../../crash/core-range.ts'
import { INDEX, indexedFolder, parseIndexKey } from '../../crash/index-entry.ts'
import type { CrashReport } from '../../crash/report.ts'
import { BLOCK_BYTES } from '../../handler/core/block.ts'
import type { CrashedProcess } from './crashed-process.ts'

/** What may have become of a crash, by what happened to it. */
export interface Suffered {
  readonly crashed: CrashedProcess
  readonly handlerKilled: boolean
  /** The handler was killed before it had noted that it had begun: no program can know of the crash. */
  readonly killedBeforeBegun: boolean
  readonly diskWasSmall: boolean
  /** The store has confirmed what it then did not have. */
  readonly storeLied: boolean
  /** Otherwise it may be one of many in a message of a burst. */
  readonly isToldAlone: boolean
  /** Kills of a process that may have told of it and was killed before it could write that down. */
  readonly tellersKilled: number
}

export type Outcome = 'complete' | 'incomplete' | 'thinned' | 'report only' | 'no trace'

/** What is there when all is over. */
export interface Remains {
  readonly objects: ReadonlyMap<string, Buffer>
  /** What the chat was told, each as one text. */
  readonly notices: readonly string[]
  /** Crashes of which a log says that the store would not take their names: each such line. */
  readonly unnamed: readonly string[]
}

export class Violation extends Error {}

/** Exactly one object that is whole or says why not, exactly one report, and a notice. */
export async function outcomeOf(suffered: Suffered, remains: Remains): Promise<Outcome> {
  const { comm } = suffered.crashed.planned
  const reports = reportsOf(comm, remains)
  if (reports.length === 0 && suffered.killedBeforeBegun) return noTrace(comm, remains)
  const [found] = reports
  if (found === undefined || reports.length > 1) fail(comm, `has ${reports.length} reports`)
  if (suffered.isToldAlone) checkNotifications(suffered, found.report, remains)
  const core = coreBeside(found, remains)
  return core === null ? withoutCore(suffered, found.report) : withCore(suffered, found.report, core)
}

/** Every object belongs to a report, and is named by it, or names it in the index, where each report is. */
export function checkStrays({ objects, unnamed }: Remains): void {
  checkIndex([...objects.keys()], unnamed)
  for (const key of objects.keys()) {
    if (key.endsWith('/report.json') || isName(key)) continue
    const report = objects.get(`${key.slice(0, key.lastIndexOf('/'))}/report.json`)
    if (report === undefined) throw new Violation(`"${key}" has no report`)
    const { core } = JSON.parse(report.toString()) as CrashReport
    if (core?.key !== key) throw new Violation(`"${key}" is not what its report names: "${core?.key}"`)
  }
}

/**
 * A crash of which a killed handler knew less than the installer may have more than two names. One of which the store
 * has refused a name for good has none, and a log says so: `reindex` will find it.
 */
function checkIndex(keys: readonly string[], unnamed: readonly string[]): void {
  const reported = new Set(keys.filter(key => key.endsWith('/report.json')).map(key => path.dirname(key)))
  for (const kind of ['time', 'namespace']) {
    const names = keys.filter(key => isName(key) && key.includes(`${INDEX}/${kind}/`))
    const named = new Set(names.map(folderOfName))
    for (const folder of named)
      if (!reported.has(folder)) throw new Violation(`"${folder}" is in the index and has no report`)
    const isSaid = (folder: string) => unnamed.some(line => line.includes(crashIdOf(folder)))
    for (const folder of reported)
      if (!named.has(folder) && !isSaid(folder))
        throw new Violation(`"${folder}" is not in the index by ${kind}`)
  }
}

function crashIdOf(folder: string): string {
  return folder.slice(folder.lastIndexOf('-') + 1)
}

function isName(key: string): boolean {
  return key.includes(`${INDEX}/`)
}

/** With the folder of the store, as the keys of the reports. */
function folderOfName(key: string): string {
  const storeDir = key.slice(0, key.indexOf(INDEX))
  const entry = parseIndexKey(key.slice(storeDir.length))
  if (entry === null) throw new Violation(`"${key}" is no name of the index`)
  return storeDir + indexedFolder(entry)
}

const STORM_TITLE = /CoreDog: (\d+) crash/

/** In messages of their own and in those of a burst, each crash is told of once. */
export function checkStormNotifications(crashes: number, { notices: notifications }: Remains): void {
  const told = notifications
    .map(text => Number(STORM_TITLE.exec(text)?.[1] ?? 1))
    .reduce((sum, one) => sum + one, 0)
  if (told !== crashes) throw new Violation(`${told} crashes were told of, and there were ${crashes}`)
}

interface FoundReport {
  readonly key: string
  readonly report: CrashReport
}

function reportsOf(comm: string, { objects }: Remains): readonly FoundReport[] {
  return [...objects]
    .filter(([key]) => key.endsWith('/report.json'))
    .map(([key, bytes]) => ({ key, report: JSON.parse(bytes.toString()) as CrashReport }))
    .filter(({ report }) => report.process?.comm === comm)
}

function noTrace(comm: string, { objects }: Remains): Outcome {
  if (
    [...objects.keys()].some(
      key => key.includes(`-${comm}-`) || key.includes(`_${comm.replaceAll('_', '!')}_`),
    )
  )
    fail(comm, 'left an object although its handler had not begun')
  return 'no trace'
}

function checkNotifications(
  { tellersKilled }: Suffered,
  { id, process }: CrashReport,
  { notices: notifications }: Remains,
): void {
  const told = notifications.filter(text => text.includes(id)).length
  const most = 1 + tellersKilled
  if (told < 1 || told > most) fail(process?.comm ?? '', `was told ${told} times, not 1 to ${most}`)
}

function coreBeside({ key, report }: FoundReport, { objects }: Remains): Buffer | null {
  if (report.core?.key === undefined) return null
  const folder = key.slice(0, key.lastIndexOf('/'))
  const core = objects.get(report.core.key)
  if (core === undefined || !report.core.key.startsWith(`${folder}/`))
    fail(report.process?.comm ?? '', `names "${report.core.key}", which is not there`)
  return core
}

function withoutCore(suffered: Suffered, { core }: CrashReport): Outcome {
  const { crashed } = suffered
  const { comm } = crashed.planned
  if (core?.complete !== false || !core.incompleteReason?.startsWith('not kept: '))
    fail(comm, `has no core, and says ${JSON.stringify(core)}`)
  if (!mayLose(suffered, core.incompleteReason) && crashed.writtenBytes > 0)
    fail(comm, `has lost its core, and nobody was killed: ${core.incompleteReason}`)
  return 'report only'
}

async function withCore(suffered: Suffered, { core }: CrashReport, stored: Buffer): Promise<Outcome> {
  const { crashed, diskWasSmall } = suffered
  const { planned, writtenBytes } = crashed
  const { comm } = planned
  if (core?.storedBytes !== stored.length)
    fail(comm, `says that ${core?.storedBytes} bytes are stored, and ${stored.length} are`)
  if (core.sha256 !== undefined && core.sha256 !== createHash('sha256').update(stored).digest('hex'))
    fail(comm, 'has another digest than its report says')
  const bytes = await unpacked(stored, core.compression ?? 'none')
  const isThinned = !crashed.core.subarray(0, bytes.length).equals(bytes)
  if (isThinned && !(diskWasSmall && thinned(crashed.core, bytes).equals(bytes)))
    fail(comm, 'differs from what crashed')
  if (isThinned && core.complete) fail(comm, 'is said to be complete, and some of it is zeros')
  const isWhole = bytes.length === crashed.core.length
  if (core.complete === true) {
    if (!isWhole) fail(comm, `is said to be complete, with ${bytes.length} of ${crashed.core.length} bytes`)
    return 'complete'
  }
  if (!core.incompleteReason) fail(comm, 'does not say why it is incomplete')
  const isExcused = mayLose(suffered, core.incompleteReason)
  if (!isExcused && bytes.length !== writtenBytes)
    fail(
      comm,
      `has ${bytes.length} of ${writtenBytes} bytes, and nobody was killed: ${core.incompleteReason}`,
    )
  if (!isExcused && writtenBytes === crashed.core.length)
    fail(comm, `is said to be incomplete for no reason: ${core.incompleteReason}`)
  if (isThinned && !/zeros/.test(core.incompleteReason ?? ''))
    fail(comm, 'does not say that some of it is zeros')
  return isThinned ? 'thinned' : 'incomplete'
}

/**
 * Whether something may be missing. A store that lied has to be named, unless the process that it lied to was
 * killed before it could write that down: no other would look at it.
 */
function mayLose(
  { handlerKilled, diskWasSmall, storeLied, tellersKilled }: Suffered,
  reason: string,
): boolean {
  const isNamed = reason.includes('the store confirmed')
  return handlerKilled || diskWasSmall || (storeLied && (isNamed || tellersKilled > 0))
}

/**
 * What `core` becomes when there is no room for some of its blocks any more. One that had been compressed is
 * whole, if a backtrace needs anything of it.
 */
function thinned(core: Buffer, kept: Buffer): Buffer {
  const read = readCoreHead(core)
  if (!('head' in read)) return core
  const expected = Buffer.from(core.subarray(0, kept.length))
  const ranges = backtraceRanges(read.head)
  for (let at = 0; at < expected.length; at += BLOCK_BYTES) {
    const block = expected.subarray(at, at + BLOCK_BYTES)
    if (!block.equals(kept.subarray(at, at + BLOCK_BYTES))) keepOnly(ranges, block, at)
  }
  return expected
}

/** As far as it goes: what was cut breaks off somewhere. */
async function unpacked(stored: Buffer, compression: 'gzip' | 'zstd' | 'none'): Promise<Buffer> {
  if (compression === 'none') return stored
  const stream = compression === 'gzip' ? createGunzip() : createZstdDecompress()
  const chunks: Buffer[] = []
  stream.end(stored)
  try {
    for await (const chunk of stream) chunks.push(chunk as Buffer)
  } catch {
    // The end is missing. What came before it counts.
  }
  return Buffer.concat(chunks)
}

function fail(comm: string, what: string): never {
  throw new Violation(`${comm} ${what}`)
}
