import type { Logger } from 'pino'
import type { FallbackConfig } from '../config/config.ts'
import { messageOf } from '../crash/errors.ts'
import { emptyFile, type UntrustedDirectory } from '../durable/untrusted-directory.ts'
import { type CoreFile, isSame, isUnchanged, shownPath } from './core-file.ts'

/**
 * Removes or empties a core file that is stored: that very one, as it was when it was stored, and not what
 * may have its name by now. Returns whether it is gone; if not, the log says why.
 */
export async function removeCore(
  root: UntrustedDirectory,
  file: CoreFile,
  by: FallbackConfig['deleteBy'],
  log: Logger,
): Promise<boolean> {
  const path = shownPath(file.segments)
  try {
    await using directory = await root.descend(file.segments.slice(0, -1))
    if (directory !== null) await removeFrom(directory, file, by)
    log.info({ path }, `${by === 'truncate' ? 'truncated' : 'deleted'} local corefile: ${path}`)
    return true
  } catch (cause) {
    log.error({ path }, `failed to remove corefile ${path}: ${messageOf(cause)}`)
    return false
  }
}

async function removeFrom(
  directory: UntrustedDirectory,
  file: CoreFile,
  by: FallbackConfig['deleteBy'],
): Promise<void> {
  const name = file.segments.at(-1) ?? ''
  await using opened = await directory.openFile(name)
  if (opened === null) return
  if (!isUnchanged(file.stat, await opened.stat({ bigint: true }))) throw new Error('it has changed')
  if (by === 'truncate') {
    await emptyFile(opened)
    return
  }
  const named = await directory.stat(name)
  if (named !== null && isSame(named, file.stat)) await directory.removeFile(name)
}
