import { readFile } from 'node:fs/promises'
import { fieldsIn } from '../../crash/fields.ts'
import { writeAtomic } from '../../durable/atomic-file.ts'
import type { KernelRecord } from './kernel-record.ts'

/** How far the kernel's log was read. */
interface KernelLogPosition {
  /** Changes at each boot, when sequence numbers begin anew. */
  readonly bootId: string
  /** Of the last record that was read; -1: none of this boot. */
  readonly sequence: number
}

/** What was written before, if it was in this boot; `null`: nothing was, or nothing that we wrote. */
export async function readPosition(file: string, bootId: string): Promise<KernelLogPosition | null> {
  const found = fieldsIn(await readFile(file, 'utf8').catch(() => ''))
  // Never written, or not by us: as if we were here for the first time.
  if (found === null) return null
  const { bootId: written, sequence } = found
  if (written !== bootId) return { bootId, sequence: -1 }
  return typeof sequence === 'number' ? { bootId, sequence } : null
}

export async function writePosition(file: string, position: KernelLogPosition): Promise<void> {
  await writeAtomic(file, JSON.stringify(position))
}

/**
 * What is new at `position`: nothing at the first look at a node, whose log is full of what happened before
 * we came.
 */
export function after(
  position: KernelLogPosition | null,
  records: readonly KernelRecord[],
): readonly KernelRecord[] {
  return position === null ? [] : records.filter(({ sequence }) => sequence > position.sequence)
}

/** Where the log is read when `records` were; it never goes back. */
export function advanced(
  position: KernelLogPosition | null,
  records: readonly KernelRecord[],
  bootId: string,
): KernelLogPosition {
  return { bootId, sequence: Math.max(records.at(-1)?.sequence ?? -1, position?.sequence ?? -1) }
}
