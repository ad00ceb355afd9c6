import { createHash } from 'node:crypto'
import { fstat, read } from 'node:fs'
import { promisify } from 'node:util'
import { buildIdIn } from '../../crash/elf-page.ts'
import type { OpenModule } from '../why/evidence.ts'
import type { ReadingTime } from './reading-time.ts'

/** What tells one program from all others. */
export interface BinaryIdentity {
  /** As it says itself; `null`: it says none. */
  readonly buildId: string | null
  readonly sha256: string
}

const BLOCK_BYTES = 1 << 20
/** Linkers put the build id at the beginning. */
const BEGINNING_BYTES = 64 << 10

const [readAt, statsOf] = [promisify(read), promisify(fstat)]

/** A file of code that is open, and may change, or hang, like any of a tenant. */
export class BinaryFile {
  readonly #file: Pick<OpenModule, 'fd' | 'sizeBytes'>
  readonly #time: ReadingTime

  constructor(file: Pick<OpenModule, 'fd' | 'sizeBytes'>, time: ReadingTime) {
    this.#file = file
    this.#time = time
  }

  /** Reads all of it. */
  async identify(): Promise<BinaryIdentity> {
    const { fd, sizeBytes } = this.#file
    const hash = createHash('sha256')
    let beginning: Buffer | null = null
    const stats = await this.#time.of(() => statsOf(fd))
    if (stats.size !== sizeBytes) throw changed()
    for await (const block of this.#blocks()) {
      beginning ??= Buffer.from(block.subarray(0, BEGINNING_BYTES))
      hash.update(block)
    }
    const buildId = beginning === null ? null : buildIdIn(beginning)
    return { buildId: buildId || null, sha256: hash.digest('hex') }
  }

  /** All of it. Throws at the end if it is not what was hashed. */
  async *read(sha256: string): AsyncGenerator<Uint8Array, void, void> {
    const hash = createHash('sha256')
    for await (const block of this.#blocks()) {
      hash.update(block)
      yield block
    }
    if (hash.digest('hex') !== sha256) throw changed()
  }

  /** Each in the memory of the one before. */
  async *#blocks(): AsyncGenerator<Buffer, void, void> {
    const { fd, sizeBytes } = this.#file
    const block = Buffer.allocUnsafeSlow(Math.min(BLOCK_BYTES, sizeBytes))
    for (let at = 0; at < sizeBytes; ) {
      const lengthBytes = Math.min(BLOCK_BYTES, sizeBytes - at)
      const { bytesRead } = await this.#time.of(() => readAt(fd, block, 0, lengthBytes, at))
      if (bytesRead === 0) throw changed()
      at += bytesRead
      yield block.subarray(0, bytesRead)
    }
  }
}

function changed(): Error {
  return new Error('the file was changed while it was read')
}
