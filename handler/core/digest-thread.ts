import { Worker, type WorkerOptions } from 'node:worker_threads'
import type { CompressedBlock } from './compressed-block.ts'
import type { Digest, Hashes, HashName } from './digest.ts'

// To hash is ten times as fast as to compress: blocks only wait where there is no CPU for it.
const MOST_WAITING = 4
const LONGEST_END_MS = 60_000

/** From a text, because a single executable has no file to begin with; and with hardly any memory. */
const ALONE: WorkerOptions = {
  eval: true,
  env: {},
  execArgv: [],
  resourceLimits: { maxYoungGenerationSizeMb: 1, maxOldGenerationSizeMb: 16, stackSizeMb: 1 },
}

/**
 * In a thread beside the one that reads the core: to hash takes half as long as to read. A block's memory
 * goes there without a copy, and is given back there.
 */
export class DigestThread implements Digest {
  readonly #worker: Worker
  readonly #hashes = Promise.withResolvers<Hashes>()
  #waiting = 0
  #room = Promise.withResolvers<void>()

  constructor(names: readonly HashName[]) {
    this.#worker = new Worker(`(${serve})(require)`, { ...ALONE, workerData: names })
    this.#worker.on('message', (answer: Hashes | null) =>
      answer === null ? this.#makeRoom() : this.#end(answer),
    )
    this.#worker.on('error', () => this.#end({}))
    this.#worker.on('exit', () => this.#end({}))
  }

  async add({ chunks }: CompressedBlock): Promise<void> {
    this.#waiting += 1
    this.#worker.postMessage(chunks, [...new Set(chunks.map(({ buffer }) => buffer as ArrayBuffer))])
    if (this.#waiting < MOST_WAITING) return
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

  #makeRoom(): void {
    this.#waiting -= 1
    this.#room.resolve()
    this.#room = Promise.withResolvers()
  }

  /** What comes first counts: the hashes, or that there will be none. */
  #end(hashes: Hashes): void {
    this.#hashes.resolve(hashes)
  }
}

/** The thread. It is handed over as text, so it sees nothing of this file. */
function serve(load: NodeJS.Require): void {
  const { parentPort, workerData } = load('node:worker_threads') as typeof import('node:worker_threads')
  const { createHash } = load('node:crypto') as typeof import('node:crypto')
  const hashes = (workerData as string[]).map(name => ({ name, hash: createHash(name) }))
  parentPort?.on('message', (chunks: Uint8Array<ArrayBuffer>[] | null) => {
    if (chunks === null) {
      const digests = hashes.map(({ name, hash }) => [name, hash.digest('hex')])
      return parentPort?.postMessage(Object.fromEntries(digests))
    }
    for (const { hash } of hashes) for (const chunk of chunks) hash.update(chunk)
    for (const { buffer } of chunks) if (!buffer.detached) buffer.transfer(0)
    parentPort?.postMessage(null)
  })
}
