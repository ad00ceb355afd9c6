import { Worker } from 'node:worker_threads'
import { LONE_THREAD } from '../lone-thread.ts'
import { zeroBlock } from './block.ts'
import type { CompressedBlock } from './compressed-block.ts'
import type { Digest, Hashes, HashName } from './digest.ts'

// To hash is ten times as fast as to compress: blocks only wait where there is no CPU for it.
const MOST_WAITING = 4
const LONGEST_END_MS = 60_000

/**
 * In a thread beside the one that reads the core: to hash takes half as long as to read. A block's memory
 * goes there without a copy. There it is freed, or it comes back to its lender.
 */
export class DigestThread implements Digest {
  readonly #worker: Worker
  readonly #hashes = Promise.withResolvers<Hashes>()
  readonly #waiting: CompressedBlock[] = []
  #room = Promise.withResolvers<void>()

  constructor(names: readonly HashName[]) {
    this.#worker = new Worker(`(${serve})(require)`, { ...LONE_THREAD, workerData: names })
    this.#worker.on('message', (answer: Hashes | Uint8Array[]) =>
      Array.isArray(answer) ? this.#makeRoom(answer) : this.#end(answer),
    )
    this.#worker.on('error', () => this.#end({}))
    this.#worker.on('exit', () => this.#end({}))
  }

  async add(block: CompressedBlock): Promise<void> {
    this.#waiting.push(block)
    const chunks = block.chunks.map(sent)
    const buffers = chunks.filter(chunk => typeof chunk === 'object').map(({ buffer }) => buffer)
    this.#worker.postMessage({ chunks, isLent: block.lender !== null }, [...new Set(buffers)])
    if (this.#waiting.length < MOST_WAITING) return
    await Promise.race([this.#room.promise, this.#hashes.promise])
  }

  async end(): Promise<Hashes> {
    this.#worker.postMessage(null)
    const tooLong = setTimeout(() => this.#end({}), LONGEST_END_MS)
    const hashes = await this.#hashes.promise
    clearTimeout(tooLong)
    return hashes
  }

  close(): void {
    void this.#worker.terminate()
  }

  #makeRoom(returned: readonly Uint8Array[]): void {
    const { lender } = this.#waiting.shift() ?? {}
    for (const memory of returned) lender?.(memory)
    this.#room.resolve()
    this.#room = Promise.withResolvers()
  }

  /** What comes first counts: the hashes, or that there will be none. */
  #end(hashes: Hashes): void {
    this.#hashes.resolve(hashes)
  }
}

/** A number stands for as many zeros: the memory of those is everybody's. */
type Chunk = Uint8Array<ArrayBuffer> | number

interface Message {
  readonly chunks: readonly Chunk[]
  /** Whether the memory is to come back. */
  readonly isLent: boolean
}

function sent(chunk: Uint8Array): Chunk {
  return chunk.buffer === zeroBlock().buffer ? chunk.length : (chunk as Uint8Array<ArrayBuffer>)
}

/** The thread. It is handed over as text, so it sees nothing of this file. */
function serve(load: NodeJS.Require): void {
  const { parentPort, workerData } = load('node:worker_threads') as typeof import('node:worker_threads')
  const { createHash } = load('node:crypto') as typeof import('node:crypto')
  const hashes = (workerData as string[]).map(name => ({ name, hash: createHash(name) }))
  let zeros = new Uint8Array(0)
  const bytesOf = (chunk: Chunk) => {
    if (typeof chunk === 'object') return chunk
    if (zeros.length < chunk) zeros = new Uint8Array(chunk)
    return zeros.subarray(0, chunk)
  }
  parentPort?.on('message', (message: Message | null) => {
    if (message === null) {
      const digests = hashes.map(({ name, hash }) => [name, hash.digest('hex')])
      return parentPort?.postMessage(Object.fromEntries(digests))
    }
    const { chunks, isLent } = message
    for (const { hash } of hashes) for (const chunk of chunks) hash.update(bytesOf(chunk))
    const memory = chunks.filter(chunk => typeof chunk === 'object')
    const buffers = [...new Set(memory.map(({ buffer }) => buffer))]
    if (isLent) return parentPort?.postMessage(memory, buffers)
    for (const buffer of buffers) buffer.transfer(0)
    parentPort?.postMessage([])
  })
}
