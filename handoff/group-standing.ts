import type { CoreLocation } from '../crash/core-location.ts'
import type { GroupEntry, Occurred, Withdrawal } from './group-file.ts'

/** So many crashes of a group are kept within its time. */
export interface GroupRule {
  readonly windowSeconds: number
  readonly keep: number
}

/** Whether a core is worth keeping: a crash loop makes the same one again and again. */
export type Admission = Admitted | Refusal

export interface Admitted {
  readonly keep: true
  /** How many crashes were counted, but not kept, since the last one that was. */
  readonly suppressed: number
  /** Key of the place that it has among those that the cluster keeps; absent: it was not asked, or did not answer. */
  readonly place?: string
}

/** One that is not kept. */
export interface Refusal {
  readonly keep: false
  readonly since: Date
  /** Those that were kept within the same time. */
  readonly kept: readonly Occurred[]
  /** Where the last of them is; absent: its handler did not say. */
  readonly core?: CoreLocation
}

/** How a group stands after all its entries. */
interface GroupStanding {
  readonly admissions: ReadonlyMap<string, Admission>
  /** When it began; `null`: nothing has come. */
  readonly since: Date | null
  /** Counted, but not kept, since the last one that was: no notification has told of them. */
  readonly suppressed: number
}

/** A group begins with a crash that no group holds, and lasts `windowSeconds`. */
export function standingOf(entries: readonly GroupEntry[], rule: GroupRule): GroupStanding {
  const cores = entries.flatMap(entry => (entry.what === 'core' ? [[entry.id, entry.core] as const] : []))
  const group = new Group(rule, new Map(cores))
  for (const entry of entries) {
    if (entry.what === 'came') group.come(entry)
    else if (entry.what === 'elsewhere') group.leaveToOthers(entry.id)
    else if (entry.what === 'place') group.place(entry)
    else if (entry.what !== 'core') group.takeBack(entry.id, entry.what)
  }
  return group
}

class Group implements GroupStanding {
  readonly #rule: GroupRule
  /** Where the core of a crash is, by its id. */
  readonly #cores: ReadonlyMap<string, CoreLocation>
  readonly admissions = new Map<string, Admission>()
  since: Date | null = null
  suppressed = 0
  /** Those that were kept since then. */
  #kept: readonly Occurred[] = []

  constructor(rule: GroupRule, cores: ReadonlyMap<string, CoreLocation>) {
    this.#rule = rule
    this.#cores = cores
  }

  /** Of one crash that is asked for again the answer is the same: it may have been killed on its way. */
  come(own: Occurred): void {
    if (this.admissions.has(own.id)) return
    const since = this.#sinceAt(own.time)
    if (this.#kept.length < this.#rule.keep) this.#keep(own)
    else this.#count(own, since)
  }

  #sinceAt(time: Date): Date {
    if (this.since !== null && !isOver(this.since, time, this.#rule.windowSeconds)) return this.since
    this.#kept = []
    this.since = time
    return time
  }

  #keep({ time, id }: Occurred): void {
    this.admissions.set(id, { keep: true, suppressed: this.suppressed })
    this.suppressed = 0
    this.#kept = [...this.#kept, { time, id }]
  }

  #count({ id }: Occurred, since: Date): void {
    const kept = this.#kept
    const core = this.#cores.get(kept.at(-1)?.id ?? '')
    this.admissions.set(id, { keep: false, since, kept, ...(core && { core }) })
    this.suppressed += 1
  }

  place({ id, key }: { readonly id: string; readonly key: string }): void {
    const admission = this.admissions.get(id)
    if (admission?.keep === true) this.admissions.set(id, { ...admission, place: key })
  }

  /** The cluster has kept enough: it is counted as one that came later. */
  leaveToOthers(id: string): void {
    const admission = this.admissions.get(id)
    if (admission?.keep !== true || this.since === null) return
    this.admissions.set(id, { keep: false, since: this.since, kept: [] })
    this.#kept = this.#kept.filter(kept => kept.id !== id)
    this.suppressed += admission.suppressed + 1
  }

  /** One that was only counted stays so. */
  takeBack(id: string, what: Withdrawal): void {
    const admission = this.admissions.get(id)
    if (admission?.keep !== true) return
    this.admissions.delete(id)
    this.#kept = this.#kept.filter(kept => kept.id !== id)
    if (what === 'refused') this.suppressed += admission.suppressed
  }
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
