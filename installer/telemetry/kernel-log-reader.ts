import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { codeOf } from '../../crash/system-error.ts'
import { type KernelRecord, parseKernelRecord } from './kernel-record.ts'

// A record is at most 8 KiB (CONSOLE_EXT_LOG_MAX); a smaller buffer makes the kernel refuse it.
const RECORD_BYTES = 8192

/** Reads /dev/kmsg, or a file of its records. Opened when it is needed first, and anew after an error. */
export class KernelLogReader {
  readonly #file: string
  readonly #buffer = Buffer.alloc(RECORD_BYTES)
  #opened: FileHandle | null = null

  constructor(file: string) {
    this.#file = file
  }

  /**
   * All that came since the last call; the first gives all that the kernel still has. Never waits for more.
   */
  async records(): Promise<readonly KernelRecord[]> {
    this.#opened ??= await open(this.#file, constants.O_RDONLY | constants.O_NONBLOCK)
    const opened = this.#opened
    const records: KernelRecord[] = []
    for (;;) {
      const text = await readOnce(opened, this.#buffer)
      if (text === null) return records
      records.push(...text.split('\n').flatMap(line => parseKernelRecord(line) ?? []))
    }
  }

  async close(): Promise<void> {
    await this.#opened?.close()
    this.#opened = null
  }
}

/** One record of the kernel's; `null` when there is none for now. */
async function readOnce(opened: FileHandle, buffer: Buffer): Promise<string | null> {
  try {
    const { bytesRead } = await opened.read(buffer, 0, buffer.length, null)
    return bytesRead === 0 ? null : buffer.toString('utf8', 0, bytesRead)
  } catch (cause) {
    if (codeOf(cause) === 'EAGAIN') return null
    // The kernel wrote over what we had not read yet, and goes on with the oldest that it has.
    if (codeOf(cause) === 'EPIPE') return ''
    throw cause
  }
}
