import type { ObjectInfo } from '../storage/object-store.ts'
import { parseGroupObject } from './group-objects.ts'

/** One group, as a list of the store's names shows it. */
export interface ListedGroup {
  /** `_groups/<cluster>/<namespace>/<workload>/<site>`. */
  readonly folder: string
  /** When each node counted last. */
  readonly seen: ReadonlyMap<string, Date>
  /** When each message was told. */
  readonly told: ReadonlyMap<number, Date>
  /** When people were told that it is over; `null`: they were not. */
  readonly quietAt: Date | null
  readonly hasMute: boolean
  /** When what the nodes count was summed; `null`: nobody has. */
  readonly summaryAt: Date | null
}

/** So many segments a group's folder has. */
const SEGMENTS = 5
/** A node of each; more are not looked at, so that nobody fills our memory. */
const MOST_NODES = 20_000
const MOST_TOLD = 5000

/** The groups among `objects`, which come in the order of their keys. */
export async function* groupsAmong(objects: AsyncIterable<ObjectInfo>): AsyncGenerator<ListedGroup> {
  let group: Listing | null = null
  for await (const { key, storedAt } of objects) {
    const segments = key.split('/')
    const folder = segments.slice(0, SEGMENTS).join('/')
    if (group !== null && group.folder !== folder) yield group
    if (group?.folder !== folder) group = new Listing(folder)
    group.add(segments.slice(SEGMENTS).join('/'), storedAt)
  }
  if (group !== null) yield group
}

/** When a node counted it last, in milliseconds; before all time: none has. */
export function lastCountedMs({ seen }: Pick<ListedGroup, 'seen'>): number {
  return Math.max(...[...seen.values()].map(time => time.getTime()), Number.NEGATIVE_INFINITY)
}

class Listing implements ListedGroup {
  readonly folder: string
  readonly seen = new Map<string, Date>()
  readonly told = new Map<number, Date>()
  quietAt: Date | null = null
  hasMute = false
  summaryAt: Date | null = null

  constructor(folder: string) {
    this.folder = folder
  }

  add(name: string, storedAt: Date): void {
    const object = parseGroupObject(name)
    if (object?.what === 'seen' && this.seen.size < MOST_NODES) this.seen.set(object.node, storedAt)
    if (object?.what === 'told' && this.told.size < MOST_TOLD) this.told.set(object.update, storedAt)
    if (object?.what === 'quiet') this.quietAt = storedAt
    if (object?.what === 'muted') this.hasMute = true
    if (object?.what === 'summary') this.summaryAt = storedAt
  }
}
