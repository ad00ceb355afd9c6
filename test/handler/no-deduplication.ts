import type { Deduplication } from '../../handler/deduplicate/deduplication.ts'

/** Every crash is the first of its kind. */
export const NO_DEDUPLICATION: Deduplication = {
  deduplicate: async () => ({ keep: true, suppressed: 0 }),
  settle: async () => undefined,
  leaveToOthers: async () => ({ keep: true, suppressed: 0 }),
  remember: async () => 'report',
  reported: async () => undefined,
  withdraw: async () => undefined,
  leave: async () => undefined,
}
