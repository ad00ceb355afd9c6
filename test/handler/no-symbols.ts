import type { Outside } from '../../handler/outside.ts'

/** Nobody has names for what has none. */
export const NO_SYMBOLS: Outside['symbols'] = { named: async report => report }
