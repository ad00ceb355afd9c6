import type { IndexEntry } from '../../../crash/index-entry.ts'

/** A crash of `shop`. */
export function crashAt(time: string, more: Partial<IndexEntry> = {}): IndexEntry {
  return {
    cluster: 'prod',
    namespace: 'shop',
    time: new Date(time),
    id: '3f2a9c01d4e5',
    podUid: '6f0c2d4e-6c50-4a5e-9a53-0a4b0a3c9d11',
    pod: 'checkout-7c9f5d8b6-x2x9k',
    container: 'app',
    comm: 'worker_3',
    pid: 4242,
    signal: 11,
    storedBytes: 88_000_123,
    group: 'v2:00ff12ab',
    ...more,
  }
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
