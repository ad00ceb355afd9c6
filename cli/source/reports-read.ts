import type { IndexEntry } from '../../crash/index-entry.ts'
import type { CrashReport } from '../../crash/report.ts'
import { readReport } from '../../crash-index/read-report.ts'
import type { ObjectStore } from '../../storage/object-store.ts'

/** The reports of the crashes that somebody looks into, each read once: it names each of a crash's programs. */
export class ReportsRead {
  readonly #store: Pick<ObjectStore, 'get'>
  readonly #read = new WeakMap<IndexEntry, CrashReport>()

  constructor(store: Pick<ObjectStore, 'get'>) {
    this.#store = store
  }

  /** `null`: there is none yet. */
  async of(entry: IndexEntry, signal?: AbortSignal): Promise<CrashReport | null> {
    const report = this.#read.get(entry) ?? (await readReport(this.#store, entry, signal))
    if (report !== null) this.#read.set(entry, report)
    return report
  }
}
