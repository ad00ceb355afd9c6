import { fieldsIn, fieldsOf } from '../../crash/fields.ts'
import { writeAtomic } from '../../durable/atomic-file.ts'
import type { NodeCount } from '../../groups/node-count.ts'
import { boundedText } from '../../handoff/bounded-text.ts'
import { anotherVersion, FORMAT_VERSION, saysAnotherVersion } from '../../handoff/format-version.ts'
import type { GroupNote } from '../../handoff/group-note.ts'
import { asTried, counted, type GroupTotal, goingOn, groupTotalIn, isDue } from './group-total.ts'
import { RecentIds } from './recent-ids.ts'

/** A thousand groups of some kilobytes. */
const LARGEST_BYTES = 64 * 1024 * 1024
const MOST_GROUPS = 1000
/** A tenant that crashes at a new place each time takes nobody else's room. */
const MOST_OF_A_NAMESPACE = 100
/** After so long without a crash a group is forgotten. */
const LIFE_SECONDS = 30 * 24 * 3600

/** What this node has counted of each group, in a file. */
export class GroupTotals {
  readonly #file: string
  readonly #totals: Map<string, GroupTotal>
  /** Number of the last notes that are in it. */
  #counted: number
  /** Of the last crashes that are in it: a crash that was finished for its handler may be noted twice. */
  readonly #ids: RecentIds

  private constructor(file: string, totals: Map<string, GroupTotal>, ids: RecentIds, counted: number) {
    this.#file = file
    this.#totals = totals
    this.#ids = ids
    this.#counted = counted
  }

  /** Rejects where another release wrote it: then that one counts. */
  static async read(file: string): Promise<GroupTotals> {
    const text = (await boundedText(file, LARGEST_BYTES)) ?? ''
    if (saysAnotherVersion(text)) throw anotherVersion(file)
    const { counted, groups, ids } = fieldsIn(text) ?? {}
    const totals = Object.entries(fieldsOf(groups)).flatMap(([group, value]) => {
      const total = groupTotalIn(value)
      return total === null ? [] : [[group, total] as const]
    })
    const number = Number.isSafeInteger(counted) ? (counted as number) : 0
    return new GroupTotals(file, new Map(totals), RecentIds.in(ids), number)
  }

  get counted(): number {
    return this.#counted
  }

  has(group: string): boolean {
    return this.#totals.has(group)
  }

  get(group: string): GroupTotal | null {
    return this.#totals.get(group) ?? null
  }

  /** Counts what notes `number` say, which are in the file when it resolves. */
  async count(notes: readonly GroupNote[], number: number, now: Date): Promise<void> {
    for (const note of notes)
      if (this.#ids.add(note.id)) this.#totals.set(note.group, counted(this.get(note.group), note))
    this.#counted = number
    this.#ids.trim()
    this.#forget(now)
    await this.#write()
  }

  /** Those that came after `time`, the last one first. */
  since(time: Date): readonly (readonly [group: string, total: GroupTotal])[] {
    const recent = [...this.#totals].filter(([, { last }]) => last > time)
    return recent.toSorted(([, one], [, other]) => other.last.getTime() - one.last.getTime())
  }

  /** Those of which the store is to hear. */
  due(now: Date): readonly string[] {
    return [...this.#totals].filter(([, total]) => isDue(total, now)).map(([group]) => group)
  }

  /** Of those that are new to `node`, goes on from what the store has of it, which is in the file when it resolves. */
  async goOn(before: ReadonlyMap<string, NodeCount | null>, node: string, now: Date): Promise<void> {
    for (const [group, count] of before) {
      const total = this.get(group)
      if (total !== null) this.#totals.set(group, goingOn(total, count, node, now))
    }
    if (before.size > 0) await this.#write()
  }

  /** `taken`: whether the store took each of them. */
  async tried(taken: ReadonlyMap<string, boolean>, now: Date, random: () => number): Promise<void> {
    for (const [group, isTaken] of taken) {
      const total = this.get(group)
      if (total !== null) this.#totals.set(group, asTried(total, isTaken, now, random()))
    }
    if (taken.size > 0) await this.#write()
  }

  #forget(now: Date): void {
    for (const [group, { last }] of this.#totals)
      if (now.getTime() - last.getTime() > LIFE_SECONDS * 1000) this.#totals.delete(group)
    for (const group of surplusOf(this.#totals)) this.#totals.delete(group)
  }

  async #write(): Promise<void> {
    const groups = Object.fromEntries(this.#totals)
    const all = { version: FORMAT_VERSION, counted: this.#counted, ids: this.#ids.all, groups }
    await writeAtomic(this.#file, `${JSON.stringify(all)}\n`)
  }
}

/** Groups for which there is no room: first those that the store knows whole, then those that are quiet for longest. */
function surplusOf(totals: ReadonlyMap<string, GroupTotal>): readonly string[] {
  const newest = [...totals].toSorted(
    ([, a], [, b]) => Number(isKnown(a)) - Number(isKnown(b)) || b.last.getTime() - a.last.getTime(),
  )
  const ofNamespace = new Map<string, number>()
  let kept = 0
  return newest.flatMap(([group]) => {
    const namespace = group.split('/').slice(0, 3).join('/')
    const before = ofNamespace.get(namespace) ?? 0
    if (before >= MOST_OF_A_NAMESPACE || kept >= MOST_GROUPS) return [group]
    ofNamespace.set(namespace, before + 1)
    kept += 1
    return []
  })
}

function isKnown({ sent, crashes }: GroupTotal): boolean {
  return sent?.crashes === crashes
}
