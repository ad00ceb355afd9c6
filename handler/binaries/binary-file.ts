import { createHash } from 'node:crypto'
import { fstat, read } from 'node:fs'
import { promisify } from 'node:util'
import { buildIdIn } from '../../crash/elf-page.ts'
import { backBefore } from '../../time/left-behind.ts'
import type { OpenModule } from '../why/evidence.ts'

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

  constructor(file: Pick<OpenModule, 'fd' | 'sizeBytes'>) {
    this.#file = file
  }

  /** Reads all of it. Rejects when `signal` aborts. */
  async identify(signal: AbortSignal): Promise<BinaryIdentity> {
    const { fd, sizeBytes } = this.#file
    const hash = createHash('sha256')
    const shared = Buffer.allocUnsafeSlow(Math.min(BLOCK_BYTES, sizeBytes))
    let beginning: Buffer | null = null
    const stats = await inTime(statsOf(fd), signal)
    if (stats.size !== sizeBytes) throw changed()
    for await (const block of this.#blocks(signal, () => shared)) {
      beginning ??= Buffer.from(block.subarray(0, BEGINNING_BYTES))
      hash.update(block)
    }
    const buildId = beginning === null ? null : buildIdIn(beginning)
    return { buildId: buildId || null, sha256: hash.digest('hex') }
  }

  /** All of it. Throws at the end if it is not what was hashed. */
  async *read(sha256: string, signal: AbortSignal): AsyncGenerator<Uint8Array, void, void> {
    const hash = createHash('sha256')
    for await (const block of this.#blocks(signal, lengthBytes => Buffer.allocUnsafeSlow(lengthBytes))) {
      hash.update(block)
      yield block
    }
    if (hash.digest('hex') !== sha256) throw changed()
  }

  async *#blocks(
    signal: AbortSignal,
    memory: (lengthBytes: number) => Buffer,
  ): AsyncGenerator<Buffer, void, void> {
    const { fd, sizeBytes } = this.#file
    for (let at = 0; at < sizeBytes; ) {
      const lengthBytes = Math.min(BLOCK_BYTES, sizeBytes - at)
      const block = memory(lengthBytes)
      const { bytesRead } = await inTime(readAt(fd, block, 0, lengthBytes, at), signal)
      if (bytesRead === 0) throw changed()
      at += bytesRead
      yield block.subarray(0, bytesRead)
    }
  }
}

/** A call to a file system that hangs comes back to nobody. */
async function inTime<T>(call: Promise<T>, signal: AbortSignal): Promise<T> {
  const late = Promise.withResolvers<never>()
  const giveUp = () => late.reject(signal.reason)
  signal.addEventListener('abort', giveUp)
  if (signal.aborted) giveUp()
  try {
    return await backBefore(call, late.promise)
  } finally {
    signal.removeEventListener('abort', giveUp)
  }
}

function changed(): Error {
  return new Error('the file was changed while it was read')
}
