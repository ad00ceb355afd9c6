import { Readable } from 'node:stream'
import { NotFoundError } from '../../storage/errors.ts'
import type { ObjectInfo, ObjectStore } from '../../storage/object-store.ts'
import type { Bytes } from '../../storage/parts/bytes.ts'
import type { ReadOptions } from '../../storage/read-options.ts'

type Used = Pick<ObjectStore, 'traits' | 'put' | 'get' | 'look' | 'list' | 'remove' | 'location' | 'link'>

const PIECE_BYTES = 16 * 1024

/** A store in memory that gives ranges, and can be told to break off. */
export class MemoryStore implements Used {
  readonly objects = new Map<string, Buffer>()
  readonly storedAt = new Map<string, Date>()
  /** Keys that were asked for, in order. */
  readonly asked: string[] = []
  /** Streams that are neither at their end nor destroyed. */
  open = 0
  /** Bytes that streams gave. */
  given = 0
  /** Where each stream of an object ends in an error: the first of them that it has not passed yet. */
  readonly breaks = new Map<string, number[]>()
  links = true

  get traits() {
    const none = { endpoint: null, region: '', needsCredentials: false }
    return { resumes: true, isRemote: true, links: this.links, ...none }
  }

  async put(key: string, body: Bytes) {
    const chunks: Uint8Array[] = []
    for await (const chunk of body) chunks.push(chunk)
    this.set(key, Buffer.concat(chunks))
    return 'stored' as const
  }

  set(key: string, content: string | Buffer): void {
    this.objects.set(key, Buffer.from(content))
    this.storedAt.set(key, new Date('2026-11-28T12:00:00Z'))
  }

  async get(key: string, { firstByte = 0, lastByte, signal }: ReadOptions = {}): Promise<Readable> {
    this.asked.push(key)
    const bytes = this.objects.get(key)
    if (bytes === undefined) throw new NotFoundError('get', key, new Error('absent'))
    const end = Math.min(bytes.length, (lastByte ?? bytes.length) + 1)
    const stream = Readable.from(this.#pieces(key, bytes, firstByte, end), {
      objectMode: false,
      highWaterMark: PIECE_BYTES,
    })
    this.open += 1
    stream
      .on('error', () => undefined)
      .on('close', () => {
        this.open -= 1
      })
    signal?.addEventListener('abort', () => stream.destroy(new Error('aborted')), { once: true })
    return stream
  }

  async *#pieces(key: string, bytes: Buffer, from: number, end: number): AsyncGenerator<Buffer> {
    const cut = this.breaks.get(key)?.find(at => at >= from && at < end)
    for (let at = from; at < end; at += PIECE_BYTES) {
      const piece = bytes.subarray(at, Math.min(at + PIECE_BYTES, end, cut ?? end))
      this.given += piece.length
      if (piece.length > 0) yield piece
      if (cut !== undefined && at + PIECE_BYTES > cut) {
        this.breaks.set(key, this.breaks.get(key)?.filter(one => one !== cut) ?? [])
        throw new Error('the store broke off')
      }
    }
  }

  async look(key: string): Promise<ObjectInfo | 'absent'> {
    this.asked.push(key)
    return this.objects.has(key) ? this.#info(key) : 'absent'
  }

  async *list(prefix: string, after = ''): AsyncGenerator<ObjectInfo> {
    for (const key of [...this.objects.keys()].sort())
      if (key.startsWith(prefix) && key > after) yield this.#info(key)
  }

  async remove(key: string): Promise<void> {
    this.objects.delete(key)
  }

  location(key: string): string {
    return `memory://${key}`
  }

  async link(key: string, savedAs = ''): Promise<string | null> {
    const signed = 'X-Amz-Date=20261128T120000Z&X-Amz-Expires=3600'
    return this.links ? `https://store.example/${key}?savedAs=${savedAs}&${signed}` : null
  }

  #info(key: string): ObjectInfo {
    return {
      key,
      sizeBytes: this.objects.get(key)?.length ?? 0,
      storedAt: this.storedAt.get(key) ?? new Date(0),
    }
  }
}
