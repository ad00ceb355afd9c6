import { setTimeout } from 'node:timers/promises'

const PAUSE_MILLISECONDS = 20

/**
 * Asks `probe` until it answers something else than `undefined`, and hands that on. What probe throws counts
 * as "not yet". For what sends no event when it happens: a file, a mount, a process that is no child. Rejects
 * after `withinSeconds`, naming `what` it waited for and the last reason.
 */
export async function eventually<T>(
  what: string,
  withinSeconds: number,
  probe: () => T | undefined | Promise<T | undefined>,
): Promise<T> {
  const deadline = performance.now() + withinSeconds * 1000
  let last: unknown
  do {
    try {
      const answer = await probe()
      if (answer !== undefined) return answer
      last = undefined
    } catch (thrown) {
      last = thrown
    }
    await setTimeout(PAUSE_MILLISECONDS)
  } while (performance.now() < deadline)
  throw new Error(`Cannot wait longer for ${what}: not seen within ${withinSeconds} s`, { cause: last })
}
