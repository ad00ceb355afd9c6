import { Readable } from 'node:stream'
import type { GroupStore } from '../../groups/crash-group.ts'
import { NotFoundError } from '../../storage/errors.ts'
import type { ObjectInfo } from '../../storage/object-store.ts'
import type { Bytes } from '../../storage/parts/bytes.ts'
import type { PutOutcome } from '../../storage/parts/failover.ts'

interface Stored {
  readonly bytes: Buffer
  readonly storedAt: Date
}

/** A store in memory whose clock a test moves. Of all who store under one key at once one wins. */
export class TimedStore implements GroupStore {
  now: Date
  readonly objects = new Map<string, Stored>()
  /** How often each was asked for, by the method. */
  readonly requests = { put: 0, putIfNew: 0, get: 0, list: 0, remove: 0 }
  /** Rejects everything as long as it is set. */
  failure: Error | null = null

  constructor(now: Date) {
    this.now = now
  }

  pass(seconds: number): void {
    this.now = new Date(this.now.getTime() + seconds * 1000)
  }

  async put(key: string, body: Bytes): Promise<PutOutcome> {
    this.#ask('put')
    const chunks: Buffer[] = []
    for await (const chunk of body) chunks.push(Buffer.from(chunk))
    this.objects.set(key, { bytes: Buffer.concat(chunks), storedAt: this.now })
    return 'stored'
  }

  async putIfNew(key: string, body: Uint8Array): Promise<'won' | 'refused'> {
    this.#ask('putIfNew')
    if (this.objects.has(key)) return 'refused'
    this.objects.set(key, { bytes: Buffer.from(body), storedAt: this.now })
    return 'won'
  }

  async get(key: string): Promise<Readable> {
    this.#ask('get')
    const found = this.objects.get(key)
    if (found === undefined) throw new NotFoundError('get', key, new Error('NoSuchKey'))
    return Readable.from([found.bytes])
  }

  async *list(prefix: string, after = ''): AsyncGenerator<ObjectInfo> {
    this.#ask('list')
    const keys = [...this.objects.keys()].filter(key => key.startsWith(prefix) && key > after).sort()
    for (const key of keys) {
      const found = this.objects.get(key)
      if (found !== undefined) yield { key, sizeBytes: found.bytes.length, storedAt: found.storedAt }
    }
  }

  async remove(key: string): Promise<void> {
    this.#ask('remove')
    this.objects.delete(key)
  }

  location(key: string): string {
    return `memory://${key}`
  }

  #ask(method: keyof TimedStore['requests']): void {
    this.requests[method] += 1
    if (this.failure !== null) throw this.failure
  }
}
