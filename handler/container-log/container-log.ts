import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { setTimeout } from 'node:timers/promises'
import type { LogLine } from '../../crash/log-text.ts'
import { backWithin } from '../../time/left-behind.ts'
import { logLinesOf, type Tail } from './log-lines.ts'

/** A file of the node takes a fraction of a millisecond. */
const PATIENCE_SECONDS = 1
/** What is kept is 64 KiB; time and stream stand before each line, and Docker's format spells them out. */
const TAIL_BYTES = 96 * 1024
/** Of what a runtime wrote later. */
const LATE_BYTES = 64 * 1024
/**
 * By containerd three of ten last lines were not written when the process had been looked at, on a busy machine. What
 * came much later is not of the crash: other processes of the container go on.
 */
const LATE_MILLISECONDS = { leastWait: 250, latest: 1000 }

/** The log as it was when the process had been looked at. */
interface Looked extends Tail {
  readonly endsAt: number
  /** In milliseconds since 1970, and of performance.now(). */
  readonly readAt: number
  readonly lookedAt: number
}

/**
 * The log of a container whose process crashed. It is opened while the process is held, so that it is that
 * container's whatever becomes of its name; read once the process was looked at, because others may write much; and
 * once more when it is wanted, because its runtime may be late. Nothing waits for that while the process is held.
 * Nothing here rejects.
 */
export class ContainerLog {
  /** Resolves when it is open, or given up. */
  readonly opened: Promise<unknown>
  readonly #file: Promise<FileHandle | null>
  readonly #patienceSeconds: number
  #looked: Promise<Looked | null> | null = null
  #lines: Promise<readonly LogLine[]> | null = null

  private constructor(path: string, patienceSeconds: number) {
    this.#patienceSeconds = patienceSeconds
    this.#file = openInTime(path, patienceSeconds)
    this.opened = this.#file
  }

  /** `path`: as the runtime says it. */
  static open(path: string, patienceSeconds = PATIENCE_SECONDS): ContainerLog {
    return new ContainerLog(path, patienceSeconds)
  }

  /** Reads its end as it is now. */
  async look(): Promise<void> {
    await this.#lookOnce()
  }

  /** The last lines, with what came until shortly after {@link look}. Not while the process is held. */
  lines(): Promise<readonly LogLine[]> {
    this.#lines ??= this.#takeLines()
    return this.#lines
  }

  /** Twice is no error. Files that hang are not waited for. */
  async close(): Promise<void> {
    await this.#inTime(async file => file.close())
  }

  #lookOnce(): Promise<Looked | null> {
    this.#looked ??= this.#inTime(tailOf)
    return this.#looked
  }

  async #takeLines(): Promise<readonly LogLine[]> {
    const looked = await this.#lookOnce()
    if (looked === null) return []
    const { bytes, isWhole, endsAt, readAt, lookedAt } = looked
    await setTimeout(Math.max(0, LATE_MILLISECONDS.leastWait - (performance.now() - lookedAt)))
    const late = await this.#inTime(file => bytesFrom(file, endsAt, LATE_BYTES))
    await this.close()
    const lines = logLinesOf({ bytes: Buffer.concat([bytes, late ?? Buffer.alloc(0)]), isWhole })
    return lines.filter(({ time }) => Date.parse(time) <= readAt + LATE_MILLISECONDS.latest)
  }

  async #inTime<T>(work: (file: FileHandle) => Promise<T>): Promise<T | null> {
    const file = await this.#file
    if (file === null) return null
    return await backWithin(
      work(file).catch(() => null),
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

async function tailOf(file: FileHandle): Promise<Looked> {
  const [readAt, lookedAt] = [Date.now(), performance.now()]
  const { size } = await file.stat()
  const from = Math.max(0, size - TAIL_BYTES)
  const bytes = await bytesFrom(file, from, TAIL_BYTES)
  return { bytes, isWhole: from === 0, endsAt: from + bytes.length, readAt, lookedAt }
}

async function bytesFrom(file: FileHandle, from: number, most: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(most), 0, most, from)
  return buffer.subarray(0, bytesRead)
}
