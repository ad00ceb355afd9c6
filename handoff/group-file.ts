import { type CoreLocation, coreLocationIn } from '../crash/core-location.ts'

/**
 * The crashes of one group, as a file of the node holds them: after the line `version 1` a line
 * `<RFC 3339 time> <id>` for each, in the order in which they came, and `withdrawn <id>` or `refused <id>`
 * for what became of one later. Of a crash that is likely to be kept, `core <id> {"key":…,"url":…}` says
 * where. Handlers of crashes that come at once need no lock: each appends its lines in one piece, which the
 * kernel does one after the other, and all read the same order. A handler passes over lines that it does not
 * know: those before the line `core` do so, and those before there was a version.
 */

/** So many crashes of a group are kept within its time. */
export interface GroupRule {
  readonly windowSeconds: number
  readonly keep: number
}

/** Whether a core is worth keeping: a crash loop makes the same one again and again. */
export type Admission =
  /** `suppressed`: how many crashes were counted, but not kept, since the last one that was. */
  | { readonly keep: true; readonly suppressed: number }
  /** `core`: the last one that was kept within the same time; absent: its handler did not say where. */
  | { readonly keep: false; readonly since: Date; readonly core?: CoreLocation }

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

/** How a group stands after all its entries. */
export interface GroupStanding {
  readonly admissions: ReadonlyMap<string, Admission>
  /** When it began; `null`: nothing has come. */
  readonly since: Date | null
  /** Counted, but not kept, since the last one that was: no notification has told of them. */
  readonly suppressed: number
}

export function encodeEntry(entry: GroupEntry): string {
  if (entry.what === 'came') return `${entry.time.toISOString()} ${entry.id}\n`
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
  const [, what = '', id = ''] = /^(\S+) ([0-9a-f]{12,32})$/.exec(line) ?? []
  if (what === 'withdrawn' || what === 'refused') return [{ what, id }]
  const time = new Date(what)
  return Number.isNaN(time.getTime()) ? [] : [{ what: 'came', time, id }]
}

function parseCore(line: string): GroupEntry[] {
  const [, id = '', json = ''] = /^core ([0-9a-f]{12,32}) (\{.*\})$/.exec(line) ?? []
  const core = coreLocationIn(json)
  return core === null ? [] : [{ what: 'core', id, core }]
}

/** A group begins with a crash that no group holds, and lasts `windowSeconds`. */
export function standingOf(
  entries: readonly GroupEntry[],
  { windowSeconds, keep }: GroupRule,
): GroupStanding {
  const admissions = new Map<string, Admission>()
  const cores = new Map(entries.flatMap(entry => (entry.what === 'core' ? [[entry.id, entry.core]] : [])))
  let keptIds: string[] = []
  let since: Date | null = null
  let suppressed = 0
  for (const entry of entries) {
    const earlier = admissions.get(entry.id)
    if (entry.what === 'came') {
      // Of one crash that is asked for again the answer is the same: it may have been killed on its way.
      if (earlier !== undefined) continue
      const start: Date = since === null || isOver(since, entry.time, windowSeconds) ? entry.time : since
      if (start !== since) keptIds = []
      since = start
      const isKept = keptIds.length < keep
      const core = cores.get(keptIds.at(-1) ?? '')
      admissions.set(
        entry.id,
        isKept ? { keep: true, suppressed } : { keep: false, since, ...(core && { core }) },
      )
      suppressed = isKept ? 0 : suppressed + 1
      if (isKept) keptIds.push(entry.id)
    } else if (entry.what !== 'core' && earlier?.keep === true) {
      admissions.delete(entry.id)
      keptIds = keptIds.filter(id => id !== entry.id)
      if (entry.what === 'refused') suppressed += earlier.suppressed
    }
  }
  return { admissions, since, suppressed }
}

/** In either direction: a clock that was set back must not make a group last until it has caught up. */
export function isOver(since: Date, now: Date, windowSeconds: number): boolean {
  return Math.abs(now.getTime() - since.getTime()) >= windowSeconds * 1000
}

/**
 * After so long without a crash the file of a group is removed. A window that was just made shorter is no
 * reason to forget groups.
 */
export function groupLifeSeconds(windowSeconds: number): number {
  return Math.max(2 * windowSeconds, 24 * 3600)
}
