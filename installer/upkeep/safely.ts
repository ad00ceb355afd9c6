import type { Logger } from 'pino'
import { reasonOf } from '../../crash/errors.ts'

/** Whether it was done; else the log says why not, and it is tried again at its time. */
export async function safely(what: string, log: Logger, work: () => Promise<void>): Promise<boolean> {
  try {
    await work()
    return true
  } catch (cause) {
    log.warn(reasonOf(cause), what)
    return false
  }
}
