import { constants } from 'node:fs'
import { type FileHandle, open, readFile } from 'node:fs/promises'
import type { Logger } from 'pino'
import { messageOf } from '../../crash/errors.ts'
import { writeAtomic } from '../../durable/atomic-file.ts'
import { tickEvery } from '../../time/ticker.ts'
import { type KernelDrop, type KernelRecord, parseKernelRecord } from './kernel-record.ts'

// A record is at most 8 KiB (CONSOLE_EXT_LOG_MAX); a smaller buffer makes the kernel refuse it.
const RECORD_BYTES = 8192

export interface KernelLogOptions {
  /** Where it is remembered how far the log was read, over restarts of ours. */
  readonly positionFile: string
  /** Changes at each boot, when sequence numbers begin anew; default: the kernel's own. */
  readonly bootId?: string
  readonly file?: string
  readonly ticks?: AsyncIterable<void>
  readonly log: Logger
}

interface Position {
  readonly bootId: string
  readonly sequence: number
}

/**
 * Tells `onDrop` of every core that the kernel dropped before a handler saw it: from now on when called for
 * the first time on a node, later from where the last call ended. Returns when `signal` is aborted.
 */
export async function followKernelLog(
  onDrop: (drop: KernelDrop) => void,
  options: KernelLogOptions,
  signal: AbortSignal,
): Promise<void> {
  const { file = '/dev/kmsg', positionFile, ticks = tickEvery(1, signal), log } = options
  const bootId = options.bootId ?? (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim()
  let position = await readPosition(positionFile, bootId)
  let reader: FileHandle | null = null
  let complained = false
  for await (const _ of ticks) {
    try {
      reader ??= await open(file, constants.O_RDONLY | constants.O_NONBLOCK)
      const records = await recordsIn(reader)
      const news = position === null ? [] : after(records, position)
      for (const { drop } of news) if (drop !== null) report(drop, onDrop, log)
      const last = records.at(-1)
      const worthWriting = position === null || news.some(({ drop }) => drop !== null)
      position = { bootId, sequence: Math.max(last?.sequence ?? -1, position?.sequence ?? -1) }
      if (worthWriting) await writeAtomic(positionFile, JSON.stringify(position))
      complained = false
    } catch (cause) {
      if (!complained) log.warn({ file, reason: messageOf(cause) }, 'kernel log not read')
      complained = true
      await reader?.close()
      reader = null
    }
    if (signal.aborted) break
  }
  await reader?.close()
}

function report(drop: KernelDrop, onDrop: (drop: KernelDrop) => void, log: Logger): void {
  log.error({ ...drop }, 'core dropped by the kernel')
  onDrop(drop)
}

function after(records: readonly KernelRecord[], { sequence }: Position): readonly KernelRecord[] {
  return records.filter(record => record.sequence > sequence)
}

/** All that is there now. */
async function recordsIn(reader: FileHandle): Promise<readonly KernelRecord[]> {
  const records: KernelRecord[] = []
  const buffer = Buffer.alloc(RECORD_BYTES)
  for (;;) {
    const text = await readOnce(reader, buffer)
    if (text === null) return records
    records.push(...text.split('\n').flatMap(line => parseKernelRecord(line) ?? []))
  }
}

/** One record of the kernel's; `null` when there is none for now. */
async function readOnce(reader: FileHandle, buffer: Buffer): Promise<string | null> {
  try {
    const { bytesRead } = await reader.read(buffer, 0, buffer.length, null)
    return bytesRead === 0 ? null : buffer.toString('utf8', 0, bytesRead)
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code === 'EAGAIN') return null
    // The kernel wrote over what we had not read yet, and goes on with the oldest that it has.
    if (code === 'EPIPE') return ''
    throw cause
  }
}

async function readPosition(file: string, bootId: string): Promise<Position | null> {
  try {
    const { bootId: written, sequence } = JSON.parse(await readFile(file, 'utf8')) as Partial<Position>
    if (written !== bootId) return { bootId, sequence: -1 }
    return typeof sequence === 'number' ? { bootId, sequence } : null
  } catch {
    // Never written, or not by us: as if we were here for the first time.
    return null
  }
}
