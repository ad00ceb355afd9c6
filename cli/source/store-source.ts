import type { Readable } from 'node:stream'
import type { Coredump } from '../../coredump/coredump.ts'
import { parseCoredumpName } from '../../coredump/coredump-name.ts'
import { coredumpOf } from '../../coredump/coredump-of.ts'
import { clusterSegment } from '../../crash/binary-key.ts'
import { type IndexEntry, indexedFolder } from '../../crash/index-entry.ts'
import { LOG_FILE } from '../../crash/log-text.ts'
import type { CrashReport } from '../../crash/report.ts'
import { CrashIndex } from '../../crash-index/crash-index.ts'
import { findCore } from '../../crash-index/find-core.ts'
import type { Indexed } from '../../crash-index/indexed.ts'
import { readReport } from '../../crash-index/read-report.ts'
import { NotFoundError } from '../../storage/errors.ts'
import type { ObjectStore } from '../../storage/object-store.ts'
import { CliError, EXIT } from '../exit.ts'
import type { GlobalOptions } from '../options.ts'
import { ahead } from './ahead.ts'
import { knownReport } from './known-report.ts'
import { assertIndex } from './missing-index.ts'
import { type NamedStore, namedStore } from './named-store.ts'
import { newestOf } from './newest-of.ts'
import { removeCrash } from './remove-crash.ts'
import { selects } from './selects.ts'
import type { CrashSource, Selection, StoredBinary, StoredBytes } from './source.ts'
import { newOnes } from './store-watch.ts'
import { storedBinaries, storedBinary, storedSymbols } from './stored-binaries.ts'
import { storedClusters } from './stored-clusters.ts'

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
  readonly #index: CrashIndex
  readonly #cluster: string | null
  readonly #entries = new WeakMap<Coredump, IndexEntry>()

  constructor(named: NamedStore, cluster: string | null, namespace: string | null = null) {
    this.name = named.name
    this.namespace = namespace
    this.#named = named
    this.#store = named.store
    this.#index = new CrashIndex(named.store)
    this.#cluster = cluster
  }

  async *list(selection: Selection, signal?: AbortSignal): AsyncGenerator<Coredump, void, void> {
    let isEmpty = true
    for await (const crash of ahead(this.#entriesOf(selection, signal), MOST_READ, entry =>
      this.#crash(entry),
    )) {
      isEmpty = false
      yield crash
    }
    if (isEmpty) await assertIndex(this.#store)
  }

  async *watch(selection: Selection, signal: AbortSignal): AsyncGenerator<Coredump, void, void> {
    const recent = (since: Date) => this.#entriesOf({ ...selection, since }, signal)
    for await (const entry of newOnes(recent, signal)) yield await this.#crash(entry, signal)
  }

  async named(name: string, namespace: string, signal?: AbortSignal): Promise<Coredump | null> {
    const which = parseCoredumpName(name)
    if (which === null) return null
    for (const cluster of await this.#clusters()) {
      const entry = await this.#index.find({ ...which, cluster, namespace })
      if (entry !== null) return await this.#crash(entry, signal)
    }
    return null
  }

  async report(crash: Coredump, signal?: AbortSignal): Promise<CrashReport> {
    return knownReport(await readReport(this.#store, this.#entryOf(crash), signal), crash)
  }

  async core(
    crash: Coredump,
    { firstByte = 0, signal }: { firstByte?: number; signal?: AbortSignal } = {},
  ): Promise<StoredBytes> {
    const found = await findCore(this.#store, this.#entryOf(crash))
    if (found === null) throw noCore(crash)
    const { info } = found
    const body = await this.#store.get(info.key, { firstByte, ...(signal && { signal }) })
    const tag = `${info.sizeBytes}-${info.storedAt.getTime()}`
    return { body, firstByte, totalBytes: info.sizeBytes, tag, from: 'the store' }
  }

  async log(crash: Coredump, signal?: AbortSignal): Promise<Readable | null> {
    const key = `${indexedFolder(this.#entryOf(crash))}/${LOG_FILE}`
    try {
      return await this.#store.get(key, signal && { signal })
    } catch (error) {
      if (error instanceof NotFoundError) return null
      throw error
    }
  }

  async binaries(crash: Coredump, signal?: AbortSignal): Promise<readonly StoredBinary[]> {
    const entry = this.#entryOf(crash)
    return storedBinaries(this.#store, entry, await readReport(this.#store, entry, signal))
  }

  async binary(crash: Coredump, sha256: string, signal?: AbortSignal): Promise<StoredBytes> {
    const entry = this.#entryOf(crash)
    const report = await readReport(this.#store, entry, signal)
    return storedBinary(this.#store, { entry, report, sha256 }, signal)
  }

  async symbols(_crash: Coredump, buildId: string, signal?: AbortSignal): Promise<StoredBytes | null> {
    return storedSymbols(this.#named, buildId, signal)
  }

  async link(crash: Coredump): Promise<string | null> {
    const found = await findCore(this.#store, this.#entryOf(crash))
    return found === null ? null : this.#store.link(found.info.key)
  }

  async remove(crash: Coredump): Promise<void> {
    await removeCrash({ store: this.#store, index: this.#index }, this.#entryOf(crash))
  }

  async *#entriesOf(selection: Selection, signal?: AbortSignal): AsyncGenerator<IndexEntry, void, void> {
    const { since, namespace } = selection
    const isMeant = selects(selection)
    for await (const { entry } of await this.#indexed(namespace, since, signal)) {
      if (since !== undefined && entry.time < since) return
      if (isMeant(entry)) yield entry
    }
  }

  async #indexed(
    namespace: string | null,
    since?: Date,
    signal?: AbortSignal,
  ): Promise<AsyncIterable<Indexed>> {
    if (namespace === null) return this.#ofCluster(this.#index.ofAll({ since, signal }))
    const clusters = await this.#clusters()
    return newestOf(clusters.map(cluster => this.#index.ofNamespace({ cluster, namespace }, { signal })))
  }

  async *#ofCluster(all: AsyncIterable<Indexed>): AsyncGenerator<Indexed, void, void> {
    const cluster = this.#cluster === null ? null : clusterSegment(this.#cluster)
    for await (const indexed of all) if (cluster === null || indexed.entry.cluster === cluster) yield indexed
  }

  async #clusters(): Promise<readonly string[]> {
    return this.#cluster === null ? await storedClusters(this.#store) : [this.#cluster]
  }

  async #crash(entry: IndexEntry, signal?: AbortSignal): Promise<Coredump> {
    const crash = coredumpOf(entry, await readReport(this.#store, entry, signal))
    this.#entries.set(crash, entry)
    return crash
  }

  #entryOf(crash: Coredump): IndexEntry {
    const entry = this.#entries.get(crash)
    if (entry === undefined) throw new TypeError('a crash of another source')
    return entry
  }
}

function noCore({ spec, status }: Coredump): CliError {
  return new CliError(
    EXIT.notFound,
    `Cannot get the core of ${spec.id}: ${status.incompleteReason ?? 'there is none in the store'}`,
    `\`kubectl coredog info ${spec.id}\` says what is known of the crash all the same.`,
  )
}
