import type { Coredump } from '../../coredump/coredump.ts'
import type { GroupCount } from '../source/source.ts'
import { ageInWords } from '../terminal/units.ts'

/** What the cluster knows of crashes like one, as lines of its page. That may be minutes behind the crash itself. */
export function groupFacts(
  group: GroupCount | null,
  { creationTimestamp }: Coredump['metadata'],
  now: Date,
): readonly (readonly [string, string])[] {
  if (group === null) return []
  const { crashes, pods, nodes } = group
  const crashed = new Date(creationTimestamp)
  const first = crashed < group.first ? crashed : group.first
  const last = crashed > group.last ? crashed : group.last
  const counted = `${many(crashes, 'crash', 'crashes')} in ${many(pods, 'pod')} on ${many(nodes, 'node')}`
  const until = mutedUntil(group, now)
  return [
    ['Group', `${counted}, first ${timeInWords(first)}, last ${ageInWords(last, now)} ago`],
    ['Muted', until === null ? '' : `until ${until}`],
  ]
}

/** RFC 3339; `null`: chats hear of it. */
export function mutedUntil({ mutedUntil: until }: Pick<GroupCount, 'mutedUntil'>, now: Date): string | null {
  return until !== undefined && until > now ? timeInWords(until) : null
}

/** RFC 3339, to the second. */
export function timeInWords(time: Date): string {
  return time.toISOString().replace(/\.\d+Z$/, 'Z')
}

function many(count: number, what: string, whats = `${what}s`): string {
  return `${count} ${count === 1 ? what : whats}`
}
