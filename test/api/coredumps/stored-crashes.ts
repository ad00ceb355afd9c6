import { Readable } from 'node:stream'
import { setTimeout as pause } from 'node:timers/promises'
import { type IndexEntry, indexedFolder } from '../../../crash/index-entry.ts'
import { CrashIndex } from '../../../crash-index/crash-index.ts'
import { NotFoundError, StoreError } from '../../../storage/errors.ts'
import type { ObjectInfo } from '../../../storage/object-store.ts'
import type { PutOutcome } from '../../../storage/parts/failover.ts'
import { MemoryBinaries } from '../../fakes/memory-sink.ts'

/** Crashes in memory: their names in an index, and their reports. It counts what it is asked. */
export class StoredCrashes extends MemoryBinaries {
  readonly index: CrashIndex
  /** `list` and `get`, in the order in which they were asked for. */
  readonly asked: string[] = []
  /** Names that listings gave. */
  listed = 0
  /** Reads under way, and the most there were. */
  reading = 0
  mostReading = 0
  isAway = false

  constructor(now?: () => number) {
    super()
    this.index = new CrashIndex(this, now)
  }

  /** Names lie among the other objects, as in a store. */
  override async put(key: string): Promise<PutOutcome> {
    this.objects.set(key, Buffer.alloc(0))
    return 'stored'
  }

  /** `report`: `null`: it has none. */
  async keep(entry: IndexEntry, report: object | null = {}, storedAt = new Date()): Promise<void> {
    await this.index.add(entry)
    for (const key of this.objects.keys()) if (!this.times.has(key)) this.times.set(key, storedAt)
    if (report === null) return
    const text = JSON.stringify({ schema: 'coredog.io/report/v1', id: entry.id, ...report })
    this.objects.set(`${indexedFolder(entry)}/report.json`, Buffer.from(text))
  }

  async get(key: string): Promise<Readable> {
    this.asked.push('get')
    this.reading += 1
    this.mostReading = Math.max(this.reading, this.mostReading)
    await pause(1)
    this.reading -= 1
    if (this.isAway) throw new StoreError('get', key, new Error('connect ECONNREFUSED'))
    const found = this.objects.get(key)
    if (found === undefined) throw new NotFoundError('get', key, new Error('NoSuchKey'))
    return Readable.from([found])
  }

  override async *list(prefix: string, after = ''): AsyncGenerator<ObjectInfo, void, void> {
    this.asked.push('list')
    if (this.isAway) throw new StoreError('list', prefix, new Error('connect ECONNREFUSED'))
    for await (const object of super.list(prefix, after)) {
      this.listed += 1
      yield object
    }
  }

  async remove(key: string): Promise<void> {
    this.objects.delete(key)
  }
}
