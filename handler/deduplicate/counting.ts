import { messageOf } from '../../crash/errors.ts'
import type { Capture } from '../capture.ts'
import type { Outside } from '../outside.ts'

/** `undefined`: the disk of the node did not go along, and the log says so. */
export async function counting<T>(
  { id }: Pick<Capture, 'id'>,
  { log }: Pick<Outside, 'log'>,
  work: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await work()
  } catch (cause) {
    log.warn({ crash: id, reason: messageOf(cause) }, 'repeats not counted')
    return undefined
  }
}
