import { parseCoredumpName } from '../../coredump/coredump-name.ts'
import { clusterSegment } from '../../crash/binary-key.ts'
import type { IndexEntry } from '../../crash/index-entry.ts'
import { CrashIndex } from '../../crash-index/crash-index.ts'
import type { Indexed } from '../../crash-index/indexed.ts'
import type { ObjectStore } from '../../storage/object-store.ts'
import { newestOf } from './newest-of.ts'
import { selects } from './selects.ts'
import type { Selection } from './source.ts'
import { storedClusters } from './stored-clusters.ts'

/** Which crashes a store has, by its index. */
export class StoreCrashes {
  readonly index: CrashIndex
  readonly #store: ObjectStore
  readonly #cluster: string | null

  /** `cluster`: `null`: those of all. */
  constructor(store: ObjectStore, cluster: string | null) {
    this.index = new CrashIndex(store)
    this.#store = store
    this.#cluster = cluster
  }

  /** The newest first. */
  async *selected(selection: Selection, signal?: AbortSignal): AsyncGenerator<IndexEntry, void, void> {
    const { since, namespace } = selection
    const isMeant = selects(selection)
    for await (const { entry } of await this.#indexed(namespace, since, signal)) {
      if (since !== undefined && entry.time < since) return
      if (isMeant(entry)) yield entry
    }
  }

  /** `null`: there is none. */
  async named(name: string, namespace: string): Promise<IndexEntry | null> {
    const which = parseCoredumpName(name)
    if (which === null) return null
    for (const cluster of await this.#clusters()) {
      const entry = await this.index.find({ ...which, cluster, namespace })
      if (entry !== null) return entry
    }
    return null
  }

  async #indexed(
    namespace: string | null,
    since?: Date,
    signal?: AbortSignal,
  ): Promise<AsyncIterable<Indexed>> {
    if (namespace === null) return this.#ofCluster(this.index.ofAll({ since, signal }))
    const clusters = await this.#clusters()
    return newestOf(clusters.map(cluster => this.index.ofNamespace({ cluster, namespace }, { signal })))
  }

  async *#ofCluster(all: AsyncIterable<Indexed>): AsyncGenerator<Indexed, void, void> {
    const cluster = this.#cluster === null ? null : clusterSegment(this.#cluster)
    for await (const indexed of all) if (cluster === null || indexed.entry.cluster === cluster) yield indexed
  }

  async #clusters(): Promise<readonly string[]> {
    return this.#cluster === null ? await storedClusters(this.#store) : [this.#cluster]
  }
}
