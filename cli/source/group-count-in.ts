import { parseSummary } from '../../groups/group-summary.ts'
import { fieldsOf } from './coredump-in.ts'
import type { GroupCount } from './source.ts'

/** What a server says that a group counts, bounded as what stands in the store; `null`: it is nothing of that. */
export function groupCountIn(value: unknown): GroupCount | null {
  const summary = parseSummary(JSON.stringify({ ...fieldsOf(value), version: 1 }))
  if (summary === null) return null
  const { folder: _, ...count } = summary
  const { mutedUntil } = fieldsOf(value)
  const until = new Date(typeof mutedUntil === 'string' ? mutedUntil : Number.NaN)
  return { ...count, ...(!Number.isNaN(until.getTime()) && { mutedUntil: until }) }
}
