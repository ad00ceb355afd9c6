import type { IndexEntry } from '../../crash/index-entry.ts'

/** What the index says of a crash. */
export const ENTRY: IndexEntry = {
  cluster: 'prod',
  namespace: 'shop',
  time: new Date('2026-11-21T04:21:17Z'),
  id: '3f2a9c01d4e5',
  podUid: '6f0c2d4e-6c50-4a5e-9a53-0a4b0a3c9d11',
  pod: 'checkout-7c9f5d8b6-x2x9k',
  container: 'app',
  comm: 'worker_3',
  pid: 4242,
  signal: 11,
  storedBytes: 88_000_123,
  group: 'v2:00ff12ab',
}
