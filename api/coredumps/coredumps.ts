import type { Logger } from 'pino'
import type { Coredump } from '../../coredump/coredump.ts'
import { messageOf } from '../../crash/errors.ts'
import { type IndexEntry, indexedFolder } from '../../crash/index-entry.ts'
import type { ReportHead } from '../../crash/report-head.ts'
import { readReportHead } from '../../crash-index/read-report.ts'
import type { ObjectStore } from '../../storage/object-store.ts'
import { type Asker, Gate } from '../gate.ts'
import { shownCoredump } from './shown-coredump.ts'

interface Bounds {
  readonly mostBytes: number
  /** Reports that are read at once, each of up to a MiB. */
  readonly mostReads: number
  readonly readMs: number
}

const BOUNDS: Bounds = { mostBytes: 24 * 2 ** 20, mostReads: 32, readMs: 10_000 }
const COMPLAINT_MS = 60_000

/**
 * Crashes as objects. Reports never change, so those that were read are kept, the ones asked for last. One that is not
 * there may come later, as that of a crash that a node could not store at once.
 */
export class Coredumps {
  readonly #store: Pick<ObjectStore, 'get'>
  readonly #log: Pick<Logger, 'warn'>
  readonly #bounds: Bounds
  readonly #reads: Gate
  readonly #kept = new Map<string, { readonly coredump: Coredump; readonly bytes: number }>()
  readonly #underWay = new Map<string, Promise<Coredump>>()
  #keptBytes = 0
  #complainedAt = Number.NEGATIVE_INFINITY

  constructor(
    { store, log }: { readonly store: Pick<ObjectStore, 'get'>; readonly log: Pick<Logger, 'warn'> },
    bounds: Partial<Bounds> = {},
  ) {
    this.#store = store
    this.#log = log
    this.#bounds = { ...BOUNDS, ...bounds }
    this.#reads = new Gate({ places: this.#bounds.mostReads, mostWaiting: Number.POSITIVE_INFINITY })
  }

  get keptBytes(): number {
    return this.#keptBytes
  }

  /** Where its report cannot be read, made of the name alone. */
  async of(entry: IndexEntry, asker: Asker): Promise<Coredump> {
    const key = keyOf(entry)
    const kept = this.#kept.get(key)
    if (kept === undefined) return await this.#reads.through(asker, () => this.#read(entry, key))
    this.#kept.delete(key)
    this.#kept.set(key, kept)
    return kept.coredump
  }

  /** Once for all who ask meanwhile; so the signal of one of them does not end it. */
  #read(entry: IndexEntry, key: string): Promise<Coredump> {
    const before = this.#kept.get(key)?.coredump
    if (before !== undefined) return Promise.resolve(before)
    const read = this.#underWay.get(key) ?? this.#readNow(entry, key)
    this.#underWay.set(key, read)
    return read
  }

  async #readNow(entry: IndexEntry, key: string): Promise<Coredump> {
    try {
      const report = await this.#reportOf(entry)
      const coredump = shownCoredump(entry, report)
      if (report !== null) this.#keep(key, coredump)
      return coredump
    } finally {
      this.#underWay.delete(key)
    }
  }

  async #reportOf(entry: IndexEntry): Promise<ReportHead | null> {
    try {
      return await readReportHead(this.#store, entry, AbortSignal.timeout(this.#bounds.readMs))
    } catch (cause) {
      const now = Date.now()
      if (now - this.#complainedAt > COMPLAINT_MS) {
        this.#complainedAt = now
        this.#log.warn({ crash: entry.id, reason: messageOf(cause) }, 'report not read')
      }
      return null
    }
  }

  #keep(key: string, coredump: Coredump): void {
    const bytes = bytesOf(key, coredump)
    this.#kept.set(key, { coredump, bytes })
    this.#keptBytes += bytes
    for (const [oldest, { bytes }] of this.#kept) {
      if (this.#keptBytes <= this.#bounds.mostBytes) return
      this.#kept.delete(oldest)
      this.#keptBytes -= bytes
    }
  }
}

function keyOf(entry: IndexEntry): string {
  // What is stored of a crash that was spooled is more than what was known before.
  return `${entry.cluster}/${indexedFolder(entry)}/${entry.storedBytes}`
}

/** About what it takes: two bytes a character, and as much again for the objects around. */
function bytesOf(key: string, coredump: Coredump): number {
  return 2 * key.length + 4 * JSON.stringify(coredump).length
}
