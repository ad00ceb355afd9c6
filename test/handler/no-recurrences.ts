import type { Recurrences } from '../../handler/recurrences.ts'

/** Nothing is known of crashes that came before. */
export const NO_RECURRENCES: Recurrences = {
  count: async () => null,
  countAtSite: async () => null,
}
