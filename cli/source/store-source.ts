import type { Readable } from 'node:stream'
import type { Coredump } from '../../coredump/coredump.ts'
import { coredumpOf } from '../../coredump/coredump-of.ts'
import type { IndexEntry } from '../../crash/index-entry.ts'
import type { CrashReport } from '../../crash/report.ts'
import type { ReportHead } from '../../crash/report-head.ts'
import { findCore } from '../../crash-index/find-core.ts'
import { namedBinaries } from '../../crash-index/named-binaries.ts'
import { readReportHead } from '../../crash-index/read-report.ts'
import { storedAmong } from '../../crash-index/stored-binaries.ts'
import type { ObjectStore } from '../../storage/object-store.ts'
import type { GlobalOptions } from '../options.ts'
import { ahead } from './ahead.ts'
import { knownReport } from './known-report.ts'
import { assertIndex } from './missing-index.ts'
import { muteCrash } from './mute-crash.ts'
import { type NamedStore, namedStore } from './named-store.ts'
import { removeCrash } from './remove-crash.ts'
import { ReportsRead } from './reports-read.ts'
import type { CrashSource, GroupCount, Selection, StoredBinary, StoredBytes } from './source.ts'
import { StoreCrashes } from './store-crashes.ts'
import { newOnes } from './store-watch.ts'
import { storedBinary, storedCore, storedLog, storedSymbols } from './stored-files.ts'
import { storedGroup } from './stored-group.ts'

/** Reports that are read at once. */
const MOST_READ = 16

export async function openStoreSource(options: GlobalOptions): Promise<StoreSource> {
  const named = await namedStore(options, process.env)
  return new StoreSource(named, options.cluster ?? named.cluster, options.namespace ?? null)
}

/** The store itself, with the credentials of who calls. */
export class StoreSource implements CrashSource {
  readonly name: string
  readonly namespace: string | null
  readonly #named: NamedStore
  readonly #store: ObjectStore
  readonly #crashes: StoreCrashes
  readonly #reports: ReportsRead
  readonly #entries = new WeakMap<Coredump, IndexEntry>()

  constructor(named: NamedStore, cluster: string | null, namespace: string | null = null) {
    this.name = named.name
    this.namespace = namespace
    this.#named = named
    this.#store = named.store
    this.#crashes = new StoreCrashes(named.store, cluster)
    this.#reports = new ReportsRead(named.store)
  }

  async *list(selection: Selection, signal?: AbortSignal): AsyncGenerator<Coredump, void, void> {
    let isEmpty = true
    const entries = this.#crashes.selected(selection, signal)
    for await (const crash of ahead(entries, MOST_READ, entry => this.#listed(entry))) {
      isEmpty = false
      yield crash
    }
    if (isEmpty) await assertIndex(this.#store)
  }

  async *watch(selection: Selection, signal: AbortSignal): AsyncGenerator<Coredump, void, void> {
    const recent = (since: Date) => this.#crashes.selected({ ...selection, since }, signal)
    for await (const entry of newOnes(recent, signal)) yield await this.#listed(entry, signal)
  }

  async named(name: string, namespace: string, signal?: AbortSignal): Promise<Coredump | null> {
    const entry = await this.#crashes.named(name, namespace)
    return entry === null ? null : this.#crash(entry, await this.#reports.of(entry, signal))
  }

  clusterOf(crash: Coredump): string {
    return this.#entryOf(crash).cluster
  }

  async report(crash: Coredump, signal?: AbortSignal): Promise<CrashReport> {
    return knownReport(await this.#reports.of(this.#entryOf(crash), signal), crash)
  }

  async group(crash: Coredump, signal?: AbortSignal): Promise<GroupCount | null> {
    const entry = this.#entryOf(crash)
    return await storedGroup(this.#store, { entry, report: await this.#reports.of(entry, signal) }, signal)
  }

  async core(
    crash: Coredump,
    { firstByte = 0, signal }: { firstByte?: number; signal?: AbortSignal } = {},
  ): Promise<StoredBytes> {
    return await storedCore(this.#store, { entry: this.#entryOf(crash), crash }, { firstByte, signal })
  }

  async log(crash: Coredump, signal?: AbortSignal): Promise<Readable | null> {
    return await storedLog(this.#store, this.#entryOf(crash), { signal })
  }

  async binaries(crash: Coredump, signal?: AbortSignal): Promise<readonly StoredBinary[]> {
    const entry = this.#entryOf(crash)
    const named = namedBinaries(await this.#reports.of(entry, signal), entry)
    const stored = await storedAmong(this.#store, named)
    return stored.map(({ path = '', buildId = null, sha256, sizeBytes }) => ({
      path,
      buildId,
      sha256,
      sizeBytes,
    }))
  }

  async binary(crash: Coredump, sha256: string, signal?: AbortSignal): Promise<StoredBytes> {
    const entry = this.#entryOf(crash)
    const report = await this.#reports.of(entry, signal)
    return await storedBinary(this.#store, { entry, report, sha256 }, { signal })
  }

  async symbols(_crash: Coredump, buildId: string, signal?: AbortSignal): Promise<StoredBytes | null> {
    return await storedSymbols(this.#named, buildId, { signal })
  }

  async link(crash: Coredump): Promise<string | null> {
    const found = await findCore(this.#store, this.#entryOf(crash))
    return found === null ? null : this.#store.link(found.info.key)
  }

  async remove(crash: Coredump): Promise<void> {
    await removeCrash({ store: this.#store, index: this.#crashes.index }, this.#entryOf(crash))
  }

  async mute(crash: Coredump, until: Date | null, signal?: AbortSignal): Promise<boolean> {
    return await muteCrash(this.#store, this.#entryOf(crash), await this.report(crash, signal), until)
  }

  /** Of thousands the reports are not kept. */
  async #listed(entry: IndexEntry, signal?: AbortSignal): Promise<Coredump> {
    return this.#crash(entry, await readReportHead(this.#store, entry, signal))
  }

  #crash(entry: IndexEntry, report: ReportHead | null): Coredump {
    const crash = coredumpOf(entry, report)
    this.#entries.set(crash, entry)
    return crash
  }

  #entryOf(crash: Coredump): IndexEntry {
    const entry = this.#entries.get(crash)
    if (entry === undefined) throw new TypeError('a crash of another source')
    return entry
  }
}
