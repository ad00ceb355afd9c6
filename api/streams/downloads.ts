import type { Readable } from 'node:stream'
import type { Logger } from 'pino'
import type { ObjectStore } from '../../storage/object-store.ts'
import type { ResourceRequest } from '../resource-request.ts'
import { type ByteRange, lengthOf } from './byte-range.ts'
import { logDownload } from './download-line.ts'
import { answerTo } from './object-headers.ts'
import { ofStore } from './of-store.ts'
import type { SpentBuffers } from './spent-buffers.ts'
import { SteadyRead } from './steady-read.ts'
import type { StoredObject } from './stored-object.ts'
import { Transfer } from './transfer.ts'

interface DownloadOptions {
  /** A client that takes nothing for so long is let go. */
  readonly idleSeconds: number
  readonly spent: SpentBuffers
}

/** Sends objects of the store as they lie there. */
export class Downloads {
  readonly #store: Pick<ObjectStore, 'get' | 'look'>
  readonly #log: Logger
  readonly #options: DownloadOptions

  constructor(store: Pick<ObjectStore, 'get' | 'look'>, log: Logger, options: DownloadOptions) {
    this.#store = store
    this.#log = log
    this.#options = options
  }

  /** Answers a GET or HEAD of `object`. */
  async send(asked: ResourceRequest, object: StoredObject): Promise<void> {
    const { request, response } = asked
    const { status, headers, range } = answerTo(request.headers, object)
    if (range === null || request.method === 'HEAD' || lengthOf(range) === 0) {
      response.writeHead(status, headers).end()
      return
    }
    const read = new SteadyRead(this.#store, object.info, asked.signal)
    const opened = await ofStore(asked, this.#log, () => read.open(range))
    response.writeHead(status, headers)
    await this.#transfer(asked, object, { range, read, opened })
  }

  async #transfer(
    asked: ResourceRequest,
    { what }: StoredObject,
    { range, read, opened }: { range: ByteRange; read: SteadyRead; opened: Readable },
  ): Promise<void> {
    const { idleSeconds, spent } = this.#options
    const transfer = new Transfer(idleSeconds, spent)
    const outcome = await transfer.run(read.chunks(range, opened), asked.response, asked.signal)
    // Where the connection was gone before the first chunk, nobody has read it.
    opened.destroy()
    const wantedBytes = lengthOf(range)
    logDownload(this.#log, asked, { what, outcome, transfer, wantedBytes, fromByte: range.firstByte })
  }
}
