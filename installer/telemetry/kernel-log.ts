import { readFile } from 'node:fs/promises'
import type { Logger } from 'pino'
import { tickEvery } from '../../time/ticker.ts'
import { advanced, after, readPosition, writePosition } from './kernel-log-position.ts'
import { KernelLogReader } from './kernel-log-reader.ts'
import type { KernelDrop } from './kernel-record.ts'
import { RepeatedReading } from './repeated-reading.ts'

export interface KernelLogOptions {
  /** Where it is remembered how far the log was read, over restarts of ours. */
  readonly positionFile: string
  /** Changes at each boot, when sequence numbers begin anew; default: the kernel's own. */
  readonly bootId?: string
  readonly file?: string
  readonly ticks?: AsyncIterable<void>
  readonly log: Logger
}

type OnDrop = (drop: KernelDrop) => void

/**
 * Logs every core that the kernel dropped before a handler saw it, and tells `onDrop`: from now on when
 * called for the first time on a node, later from where the last call ended. Returns when `signal` is
 * aborted.
 */
export async function followKernelLog(
  onDrop: OnDrop,
  options: KernelLogOptions,
  signal: AbortSignal,
): Promise<void> {
  const { file = '/dev/kmsg', positionFile, ticks = tickEvery(1, signal), log } = options
  const bootId = options.bootId ?? (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim()
  const reader = new KernelLogReader(file)
  const reading = new RepeatedReading(file, 'kernel log not read', log)
  let position = await readPosition(positionFile, bootId)
  const readOn = async () => {
    const records = await reader.records()
    const drops = after(position, records).flatMap(({ drop }) => drop ?? [])
    for (const drop of drops) report(drop, onDrop, log)
    const isWorthWriting = position === null || drops.length > 0
    position = advanced(position, records, bootId)
    if (isWorthWriting) await writePosition(positionFile, position)
  }
  for await (const _ of ticks) {
    if (!(await reading.once(readOn))) await reader.close()
    if (signal.aborted) break
  }
  await reader.close()
}

function report(drop: KernelDrop, onDrop: OnDrop, log: Logger): void {
  log.error({ ...drop }, 'core dropped by the kernel')
  onDrop(drop)
}
