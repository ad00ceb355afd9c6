import { type Addon, addon } from '../../../handler/native/addon.ts'

/** The addon; where it was not made or cannot be loaded, its tests are skipped. */
export const native = addon()

/** For a test that needs it. */
export const NEEDS_ADDON = { skip: native === null && 'no addon: `npm run build` makes it' }

/** Called in such tests only. */
export function itself(): Addon {
  if (native === null) throw new Error('there is no addon')
  return native
}
