import type { IndexEntry } from '../../../crash/index-entry.ts'
import { ENTRY } from '../../fakes/index-entry.ts'

/** A crash of `shop`. */
export function crashAt(time: string, more: Partial<IndexEntry> = {}): IndexEntry {
  return { ...ENTRY, time: new Date(time), ...more }
}

/** `count` of them, a second apart, the newest last, each of a pod of its own. */
export function crashes(
  count: number,
  { before = new Date(), ...more }: Partial<IndexEntry> & { before?: Date } = {},
) {
  return Array.from({ length: count }, (_, at) => {
    const time = new Date(Math.floor(before.getTime() / 1000 - count + at) * 1000)
    const id = (at + 1).toString(16).padStart(5, '0').padEnd(12, 'a')
    return crashAt(time.toISOString(), { pod: `checkout-${at}`, ...more, id })
  })
}
