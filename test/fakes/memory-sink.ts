import { INDEX } from '../../crash/index-entry.ts'
import type { BinaryStore, ObjectInfo, Sink } from '../../storage/object-store.ts'
import type { Bytes } from '../../storage/parts/bytes.ts'
import type { PutOutcome } from '../../storage/parts/failover.ts'
import type { Rereadable } from '../../storage/rereadable.ts'

/** A store in memory that works as the real ones do: all or nothing. */
export class MemorySink implements Sink {
  readonly objects = new Map<string, Buffer>()
  /** Below `_index/`, kept apart: what a crash has beside its own objects. */
  readonly names = new Map<string, Buffer>()

  async put(key: string, body: Bytes): Promise<PutOutcome> {
    const chunks: Buffer[] = []
    for await (const chunk of body) chunks.push(Buffer.from(chunk))
    const objects = key.startsWith(`${INDEX}/`) ? this.names : this.objects
    objects.set(key, Buffer.concat(chunks))
    return 'stored'
  }

  location(key: string): string {
    return `memory://${key}`
  }

  link(key: string): Promise<string | null> {
    return Promise.resolve(`https://store.example/${key}?signature=x`)
  }
}

/** A store that takes so many bytes of an object and then fails. */
export class RefusingSink extends MemorySink {
  readonly #afterBytes: number

  constructor(afterBytes: number) {
    super()
    this.#afterBytes = afterBytes
  }

  override async put(_key: string, body: Bytes): Promise<PutOutcome> {
    let taken = 0
    if (this.#afterBytes === 0) throw new Error('403 Forbidden')
    for await (const chunk of body) {
      taken += chunk.length
      if (taken >= this.#afterBytes) throw new Error('403 Forbidden')
    }
    return 'stored'
  }
}

/** Programs in memory, each once. */
export class MemoryBinaries extends MemorySink implements BinaryStore {
  readonly times = new Map<string, Date>()
  readonly #now: () => Date

  constructor(now = () => new Date()) {
    super()
    this.#now = now
  }

  async putOnce(key: string, { read }: Rereadable, anew?: 'anew'): Promise<'stored' | 'present'> {
    if (this.objects.has(key) && anew === undefined) return 'present'
    await this.put(key, read())
    this.times.set(key, this.#now())
    return 'stored'
  }

  async look(key: string): Promise<ObjectInfo | 'absent' | 'hidden'> {
    return this.objects.has(key) ? this.#about(key) : 'absent'
  }

  async *list(prefix: string, after = ''): AsyncGenerator<ObjectInfo, void, void> {
    for (const key of [...this.objects.keys()].sort())
      if (key.startsWith(prefix) && key > after) yield this.#about(key)
  }

  #about(key: string): ObjectInfo {
    return {
      key,
      sizeBytes: this.objects.get(key)?.length ?? 0,
      storedAt: this.times.get(key) ?? new Date(0),
    }
  }
}
