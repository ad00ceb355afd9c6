import { type CoreLocation, coreLocationIn } from '../crash/core-location.ts'

/**
 * The crashes of one group, as a file of the node holds them: after the line `version 1` a line
 * `<RFC 3339 time> <id>` for each, in the order in which they came, and `withdrawn <id>` or `refused <id>`
 * for what became of one later. Of a crash that is likely to be kept, `core <id> {"key":…,"url":…}` says
 * where; `place <id> <key>` says which place of the cluster's it has, and `elsewhere <id>` that the cluster has kept
 * enough like it. Handlers of crashes that come at once need no lock: each appends its lines in one piece, which the
 * kernel does one after the other, and all read the same order. A handler passes over lines that it does not
 * know: those before the line `core` do so, and those before there was a version.
 */

export interface Occurred {
  readonly time: Date
  readonly id: string
}

/**
 * Of a crash that was kept: `withdrawn`, its core was lost after all, so another is kept in its place;
 * `refused`, it counts as if it had not come.
 */
export type Withdrawal = 'withdrawn' | 'refused'

export type GroupEntry =
  | ({ readonly what: 'came' } & Occurred)
  | { readonly what: Withdrawal; readonly id: string }
  | { readonly what: 'core'; readonly id: string; readonly core: CoreLocation }
  /** It was counted, and not kept, for others were on other nodes. */
  | { readonly what: 'elsewhere'; readonly id: string }
  | { readonly what: 'place'; readonly id: string; readonly key: string }

export function encodeEntry(entry: GroupEntry): string {
  if (entry.what === 'came') return `${entry.time.toISOString()} ${entry.id}\n`
  if (entry.what === 'place') return `place ${entry.id} ${entry.key}\n`
  return entry.what === 'core'
    ? `core ${entry.id} ${JSON.stringify(entry.core)}\n`
    : `${entry.what} ${entry.id}\n`
}

/** What the lines of a file say. A line that a kill cut short counts for no crash. */
export function parseEntries(text: string): readonly GroupEntry[] {
  return text.split('\n').flatMap(parseLine)
}

function parseLine(line: string): GroupEntry[] {
  if (line.startsWith('core ')) return parseCore(line)
  if (line.startsWith('place ')) return parsePlace(line)
  const [, what = '', id = ''] = /^(\S+) ([0-9a-f]{12,32})$/.exec(line) ?? []
  if (what === 'withdrawn' || what === 'refused' || what === 'elsewhere') return [{ what, id }]
  const time = new Date(what)
  return Number.isNaN(time.getTime()) ? [] : [{ what: 'came', time, id }]
}

function parseCore(line: string): GroupEntry[] {
  const [, id = '', json = ''] = /^core ([0-9a-f]{12,32}) (\{.*\})$/.exec(line) ?? []
  const core = coreLocationIn(json)
  return core === null ? [] : [{ what: 'core', id, core }]
}

function parsePlace(line: string): GroupEntry[] {
  const [, id = '', key = ''] = /^place ([0-9a-f]{12,32}) ([!-~]{1,1024})$/.exec(line) ?? []
  return key === '' ? [] : [{ what: 'place', id, key }]
}
