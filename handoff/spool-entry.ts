import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import type { SpoolConfig } from '../config/config.ts'
import { OperatorError } from '../crash/errors.ts'
import { LOG_FILE } from '../crash/log-text.ts'
import type { CrashReport, ReportLog } from '../crash/report.ts'
import { codeOf, orIfMissing } from '../crash/system-error.ts'
import { writeAtomic } from '../durable/atomic-file.ts'
import type { BegunUpload, Failover, Situation, Spill } from '../storage/parts/failover.ts'
import { boundedText } from './bounded-text.ts'
import { SPOOL_RECORD } from './spool-file.ts'
import { decodeSpoolRecord, encodeSpoolRecord, type SpoolRecord } from './spool-record.ts'
import { type NoRoom, whyNoRoom } from './spool-room.ts'

const PART = /^part-(\d{5})$/
// The reader of this reason finds a beginning without its end.
export const CUT: Readonly<Record<NoRoom, string>> = {
  spool:
    'there was no room for more of it in the spool of its node, and the last of what is there may be zeros',
  namespace:
    'its namespace had its share of the spool of its node, spool.perNamespace, and the last of what is there may be zeros',
}

/** What a crash may take of the node's disk, and what happens when there is no more. */
interface SpoolAllowance extends SpoolConfig {
  /** So much of one core is kept although there is no room for it. */
  readonly salvageBytes: number
  /** Called once: there is no room, and as little as possible should come. */
  readonly onFull: (why: NoRoom) => void
  /** Called once, after {@link onFull}: nothing more is kept. */
  readonly onSpent: () => void
}

/**
 * One crash in the spool: its folder is there from before the first byte is sent until the store has all of
 * it. Methods reject with the errors of `node:fs`.
 */
export class SpoolEntry implements Omit<Failover, 'overdue'>, Spill {
  readonly #folder: string
  readonly #allowance: SpoolAllowance
  #record: SpoolRecord
  #salvagedBytes = 0
  #full = false
  #hasGap = false
  #isOver = false
  #last: Promise<unknown> = Promise.resolve()
  #written: Promise<unknown> = Promise.resolve()

  private constructor(folder: string, record: SpoolRecord, allowance: SpoolAllowance) {
    this.#folder = folder
    this.#record = record
    this.#allowance = allowance
  }

  static async begin(record: SpoolRecord, allowance: SpoolAllowance): Promise<SpoolEntry> {
    const entry = new SpoolEntry(path.join(allowance.dir, record.id), record, allowance)
    await mkdir(entry.#folder, { recursive: true, mode: 0o700 })
    await entry.#write(record)
    return entry
  }

  async begun(upload: BegunUpload): Promise<void> {
    await this.#writeCore(upload)
  }

  async takeOver({ uploadId, partBytes, cause, lost }: Situation): Promise<Spill> {
    // Without a spool the store's own failure is what happened.
    if (this.#allowance.maxBytes === 0) throw cause
    await this.#writeCore({ uploadId, partBytes, ...(lost && { lost }) })
    return this
  }

  /** One after the other: where there is room for some parts only, it is for the first ones. */
  async keep(number: number, bytes: Uint8Array): Promise<void> {
    const kept = this.#last.then(() => this.#keepNow(number, bytes))
    // The caller of this part hears of its failure; that of the next part does not.
    this.#last = kept.catch(() => undefined)
    await kept
  }

  async #keepNow(number: number, bytes: Uint8Array): Promise<void> {
    const why = this.#full ? null : await whyNoRoom(this.#allowance, this.#record.folder, bytes.length)
    if (why !== null) await this.#refuseMore(why)
    if (this.#full && this.#salvagedBytes + bytes.length > this.#allowance.salvageBytes) this.#leaveGap()
    // What comes behind a gap cannot be unpacked.
    if (this.#hasGap) return
    try {
      await writeAtomic(partFile(this.#folder, number), bytes)
      if (this.#full) this.#salvagedBytes += bytes.length
    } catch (cause) {
      // Others write to this disk, too. What the store has already must not be lost for it.
      if (!isFull(cause)) throw cause
      if (!this.#full) await this.#refuseMore('spool')
      this.#leaveGap()
    }
  }

  async #refuseMore(why: NoRoom): Promise<void> {
    this.#full = true
    this.#allowance.onFull(why)
    await this.#writeCore({ cut: CUT[why] })
  }

  #leaveGap(): void {
    if (this.#hasGap) return
    this.#hasGap = true
    this.#allowance.onSpent()
  }

  async end(lastPart: number, isConfirmed: boolean): Promise<void> {
    await this.#writeCore({ lastPart, ...(isConfirmed && { confirmedParts: lastPart }) })
  }

  /** Its core has `place` in the cluster, which came late: what was left to the installer by then is not touched. */
  async place(place: string): Promise<void> {
    if (!this.#isOver) await this.#write({ ...this.#record, place })
  }

  /** All is known of the crash, and the core's last byte is on its way. */
  async seal(report: CrashReport): Promise<void> {
    await this.#write({ ...this.#record, report, sealed: true })
  }

  /** Its core is given up, and was not sent. If its writer is killed now, its report is still to be stored, and told. */
  async drop(report: CrashReport): Promise<void> {
    await this.#write({ ...this.#record, report, core: null, sealed: true })
  }

  /** The least of a crash: where there is no room for it, it is not kept. */
  async keepLog({ text, place }: { readonly text: string; readonly place: ReportLog }): Promise<void> {
    const { folder } = this.#record
    if ((await whyNoRoom(this.#allowance, folder, Buffer.byteLength(text))) !== null) return
    await writeAtomic(path.join(this.#folder, LOG_FILE), text)
    await this.#write({ ...this.#record, log: place })
  }

  /** What is left to be done, another process does. */
  async leave(left: Partial<Pick<SpoolRecord, 'report' | 'core' | 'told'>> = {}): Promise<void> {
    this.#isOver = true
    await this.#write({ ...this.#record, ...left, sealed: true, writer: null }).catch(cause => {
      this.#isOver = false
      throw cause
    })
  }

  /** The store has everything. What was left is another process's. */
  async discard(): Promise<void> {
    if (this.#isOver) return
    this.#isOver = true
    await this.#written
    await removeSpooled(this.#folder)
  }

  async #writeCore(change: Partial<NonNullable<SpoolRecord['core']>>): Promise<void> {
    const { core } = this.#record
    if (core === null) throw new Error('this crash has no core')
    await this.#write({ ...this.#record, core: { ...core, ...change } })
  }

  /** In the order of the calls: a part may fail while the core ends, and the older record must not win. */
  async #write(record: SpoolRecord): Promise<void> {
    this.#record = record
    const written = this.#written.then(() =>
      writeAtomic(path.join(this.#folder, SPOOL_RECORD), encodeSpoolRecord(record)),
    )
    this.#written = written.catch(() => undefined)
    await written
  }
}

/** A crash that was left in the spool, or is still being written. */
export interface Spooled {
  readonly folder: string
  readonly record: SpoolRecord
  /** Size in bytes of each part that is there, by its number. */
  readonly parts: ReadonlyMap<number, number>
}

/** The folders of all crashes in the spool. */
export async function spooledIn(dir: string): Promise<readonly string[]> {
  const names = await readdir(dir).catch(orIfMissing([]))
  return names.filter(name => /^[0-9a-f]{12}$/.test(name)).map(name => path.join(dir, name))
}

/** `null`: it has gone. Rejects with an {@link OperatorError} if it cannot be read. */
export async function readSpooled(folder: string): Promise<Spooled | null> {
  const text = await readFile(path.join(folder, SPOOL_RECORD), 'utf8').catch(orIfMissing(null))
  if (text === null) return null
  const record = decodeSpoolRecord(text)
  if (record === null || record.id !== path.basename(folder)) throw unreadable(folder)
  return { folder, record, parts: await partsIn(folder) }
}

export async function writeSpoolRecord(folder: string, record: SpoolRecord): Promise<void> {
  await writeAtomic(path.join(folder, SPOOL_RECORD), encodeSpoolRecord(record))
}

/** The text of the container's log that was left with it; `null`: none was. */
export async function readSpooledLog({ folder, record }: Spooled): Promise<string | null> {
  return record.log === undefined ? null : boundedText(path.join(folder, LOG_FILE), LONGEST_LOG_BYTES)
}

/** A handler keeps less. */
const LONGEST_LOG_BYTES = 1024 * 1024

export async function readPart(folder: string, number: number): Promise<Buffer> {
  return readFile(partFile(folder, number))
}

/** The record first: what is left without one is rubbish, and is not taken for a crash. */
export async function removeSpooled(folder: string): Promise<void> {
  await rm(path.join(folder, SPOOL_RECORD), { force: true })
  await rm(folder, { recursive: true, force: true })
}

async function partsIn(folder: string): Promise<ReadonlyMap<number, number>> {
  const numbers = (await readdir(folder)).flatMap(name => PART.exec(name)?.[1] ?? []).map(Number)
  const sized = await Promise.all(
    numbers.map(async number => [number, (await stat(partFile(folder, number))).size] as const),
  )
  return new Map(sized)
}

function partFile(folder: string, number: number): string {
  return path.join(folder, `part-${String(number).padStart(5, '0')}`)
}

function isFull(error: unknown): boolean {
  return ['ENOSPC', 'EDQUOT'].includes(codeOf(error))
}

function unreadable(folder: string): OperatorError {
  return new OperatorError(
    `Cannot read "${folder}/${SPOOL_RECORD}": it is no record of a crash`,
    'Another version of CoreDog may have written it: install that one again, or remove the folder.',
  )
}
