import type { Beginnings } from '../../handler/beginning.ts'

/** Nothing is noted. */
export const NO_BEGINNINGS: Beginnings = { note: async () => undefined, forget: async () => undefined }
