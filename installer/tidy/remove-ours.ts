import { readFile, rm } from 'node:fs/promises'
import type { Logger } from 'pino'
import { orIfMissing } from '../../crash/system-error.ts'
import { LEFT_ALONE, LEFT_ALONE_HINT, saysAnotherVersion } from '../../handoff/format-version.ts'

/**
 * Removes a file of lines whose time is over. One of another version stays, which the log says: resolves with
 * whether it is gone. Rejects with the errors of `node:fs`.
 */
export async function removeOurs(file: string, log: Logger): Promise<boolean> {
  if (saysAnotherVersion(await readFile(file, 'latin1').catch(orIfMissing('')))) {
    log.warn({ file, hint: LEFT_ALONE_HINT }, LEFT_ALONE)
    return false
  }
  await rm(file, { force: true })
  return true
}
