import { setImmediate as turn } from 'node:timers/promises'

/** What `look` gives once it gives something. */
export async function eventually<T>(look: () => T | undefined): Promise<T> {
  for (;;) {
    const found = look()
    if (found !== undefined) return found
    await turn()
  }
}
