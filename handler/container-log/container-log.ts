import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import type { LogLine } from '../../crash/log-text.ts'
import { backWithin } from '../../time/left-behind.ts'
import { logLinesOf, type Tail } from './log-lines.ts'

/** A file of the node takes a fraction of a millisecond. */
const PATIENCE_SECONDS = 1
/** What is kept is 64 KiB; time and stream stand before each line, and Docker's format spells them out. */
const TAIL_BYTES = 96 * 1024

/**
 * The log of a container whose process crashed. It is opened while the process is held, so that it is that
 * container's whatever becomes of its name, and read once the process was looked at, which is as late as can be:
 * nothing waits for that. Nothing here rejects, or takes longer than its patience.
 */
export class ContainerLog {
  /** Resolves when it is open, or given up. */
  readonly opened: Promise<unknown>
  readonly #file: Promise<FileHandle | null>
  readonly #patienceSeconds: number
  #tail: Promise<Tail | null> | null = null

  private constructor(path: string, patienceSeconds: number) {
    this.#patienceSeconds = patienceSeconds
    this.#file = openInTime(path, patienceSeconds)
    this.opened = this.#file
  }

  /** `path`: as the runtime says it. */
  static open(path: string, patienceSeconds = PATIENCE_SECONDS): ContainerLog {
    return new ContainerLog(path, patienceSeconds)
  }

  /** Begins to read its end as it is now, which closes it. */
  read(): void {
    this.#tail ??= this.#readTail()
  }

  /** The last lines of what was read. None: it has none, or hangs. Work for a processor: not while it is held. */
  async lines(): Promise<readonly LogLine[]> {
    this.read()
    const tail = await this.#tail
    return tail === null ? [] : logLinesOf(tail)
  }

  async #readTail(): Promise<Tail | null> {
    const file = await this.#file
    if (file === null) return null
    return await backWithin(
      tailOf(file).catch(() => null),
      this.#patienceSeconds,
    )
  }
}

async function openInTime(path: string, patienceSeconds: number): Promise<FileHandle | null> {
  const opening = openRegular(path).catch(() => null)
  const file = await backWithin(opening, patienceSeconds)
  if (file === null) void opening.then(late => late?.close()).catch(() => undefined)
  return file
}

/**
 * Links are followed: Docker's logs lie elsewhere. They are in a directory of root's; what a pod that has that
 * mounted makes them lead to is no log, or one that it can read itself.
 */
async function openRegular(path: string): Promise<FileHandle | null> {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY)
  if ((await file.stat()).isFile()) return file
  await file.close()
  return null
}

async function tailOf(opened: FileHandle): Promise<Tail> {
  await using file = opened
  const { size } = await file.stat()
  const from = Math.max(0, size - TAIL_BYTES)
  const { buffer, bytesRead } = await file.read(Buffer.alloc(TAIL_BYTES), 0, TAIL_BYTES, from)
  return { bytes: buffer.subarray(0, bytesRead), isWhole: from === 0 }
}
