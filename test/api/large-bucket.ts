import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

import { CrashIndex } from '../../crash-index/crash-index.ts'
import type { ObjectStore } from '../../storage/object-store.ts'
import { MemoryStore } from './memory-store.ts'
import { ENTRY } from './stored-crash.ts'

const ABSENT = '<Error><Code>NoSuchKey</Code></Error>'
const PIECE = Buffer.alloc(1 << 20, 'core')

/** What an S3 server says of a bucket with one crash, whose core nobody has in memory. */
export class LargeBucket implements AsyncDisposable {
  /** Bytes of cores that were taken from us. */
  given = 0
  /** Cores that are being read. */
  open = 0
  readonly #coreBytes: number
  readonly #names: readonly string[]
  readonly #server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://bucket')
    if (searchParams.has('list-type')) return this.#list(searchParams.get('prefix') ?? '', response)
    if (!pathname.endsWith('/core.gz')) return void response.writeHead(404).end(ABSENT)
    const { firstByte, lastByte } = this.#range(request.headers.range)
    const range = request.headers.range && {
      'content-range': `bytes ${firstByte}-${lastByte}/${this.#coreBytes}`,
    }
    const about = { 'last-modified': ENTRY.time.toUTCString(), 'content-length': lastByte - firstByte + 1 }
    response.writeHead(range ? 206 : 200, { ...about, ...range })
    if (request.method === 'HEAD') response.end()
    else void this.#send(lastByte - firstByte + 1, response)
  })

  private constructor(coreBytes: number, names: readonly string[]) {
    this.#coreBytes = coreBytes
    this.#names = names
  }

  static async start(coreBytes: number): Promise<LargeBucket> {
    const store = new MemoryStore()
    await new CrashIndex(store as unknown as ObjectStore).add({ ...ENTRY, storedBytes: coreBytes })
    const bucket = new LargeBucket(coreBytes, [...store.objects.keys()])
    bucket.#server.listen(0, '127.0.0.1')
    await once(bucket.#server, 'listening')
    return bucket
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    this.#server.close()
  }

  #list(prefix: string, response: ServerResponse): void {
    const contents = this.#names
      .filter(name => name.startsWith(prefix))
      .map(name => `<Contents><Key>${name}</Key><Size>0</Size></Contents>`)
    response.writeHead(200, { 'content-type': 'application/xml' })
    response.end(`<ListBucketResult><IsTruncated>false</IsTruncated>${contents.join('')}</ListBucketResult>`)
  }

  #range(header: string | undefined): { firstByte: number; lastByte: number } {
    const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(header ?? '') ?? []
    return { firstByte: Number(first ?? 0), lastByte: last ? Number(last) : this.#coreBytes - 1 }
  }

  async #send(bytes: number, response: ServerResponse): Promise<void> {
    this.open += 1
    response.once('close', () => {
      this.open -= 1
    })
    const gone = once(response, 'close')
    for (let left = bytes; left > 0 && !response.destroyed; left -= PIECE.length) {
      const piece = PIECE.subarray(0, left)
      this.given += piece.length
      if (!response.write(piece)) await Promise.race([once(response, 'drain').catch(() => undefined), gone])
    }
    response.end()
  }
}
