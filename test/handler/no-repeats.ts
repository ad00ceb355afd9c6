import type { Repeats } from '../../handler/deduplicate/repeats.ts'

/** Every crash is the first of its kind. */
export const NO_REPEATS: Repeats = {
  admit: async () => ({ keep: true, suppressed: 0 }),
  withdraw: async () => undefined,
  leave: async () => undefined,
}
