import { groupFolderIn } from '../../crash/group-key.ts'
import { parseSummary } from '../../groups/group-summary.ts'
import { fieldsOf } from './coredump-in.ts'
import type { GroupCount } from './source.ts'

/** What a server says that a group counts, bounded as what stands in the store; `null`: it is nothing of that. */
export function groupCountIn(value: unknown): GroupCount | null {
  const { countedIn, mutedUntil } = fieldsOf(value)
  const summary = parseSummary(JSON.stringify({ ...fieldsOf(value), version: 1 }))
  if (summary === null || !isGroupFolder(countedIn)) return null
  const { folder: _, ...count } = summary
  const until = new Date(typeof mutedUntil === 'string' ? mutedUntil : Number.NaN)
  return { countedIn, ...count, ...(!Number.isNaN(until.getTime()) && { mutedUntil: until }) }
}

const LONGEST_FOLDER = 1024

function isGroupFolder(value: unknown): value is string {
  return (
    typeof value === 'string' && value.length <= LONGEST_FOLDER && groupFolderIn(`${value}/seen`) === value
  )
}
