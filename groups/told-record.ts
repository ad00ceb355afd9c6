import { fieldsIn } from '../crash/fields.ts'

/** Who told people of a group, and of how many crashes. */
export interface ToldRecord {
  /** The crash that was told of. */
  readonly id: string
  readonly node: string
  readonly time: Date
  /** How many crashes the group had then, as far as it was known. */
  readonly crashes: number
}

const VERSION = 1
/** Of one record: what is longer is none of ours. */
export const LONGEST_RECORD_BYTES = 1024

export function encodeTold(record: ToldRecord): string {
  return `${JSON.stringify({ version: VERSION, ...record })}\n`
}

/** What stands in the bucket is a stranger's word. `null`: it is none, or one of a version that we do not know. */
export function parseTold(text: string): ToldRecord | null {
  const { version, id, node, time, crashes } = fieldsIn(text) ?? {}
  const at = new Date(typeof time === 'string' ? time : Number.NaN)
  if (version !== VERSION || typeof id !== 'string' || typeof node !== 'string') return null
  if (Number.isNaN(at.getTime()) || !Number.isSafeInteger(crashes)) return null
  return { id, node, time: at, crashes: crashes as number }
}
