import { chmod, lstat, mkdir } from 'node:fs/promises'
import { homedir } from 'node:os'
import path from 'node:path'
import { messageOf } from '../../crash/errors.ts'
import { codeOf } from '../../crash/system-error.ts'
import { CliError, EXIT } from '../exit.ts'

/** Nobody else's business: cores hold all that a process had in its memory. */
const OWN_MODE = 0o700

/** `$XDG_CACHE_HOME/coredog`, else `~/.cache/coredog`. */
export function cacheFolderIn(environment: Readonly<Record<string, string | undefined>>): string {
  const { XDG_CACHE_HOME: given = '', HOME: home = homedir() } = environment
  // What is not absolute is to be passed over: XDG Base Directory Specification.
  const base = path.isAbsolute(given) ? given : path.join(home, '.cache')
  return path.join(base, 'coredog')
}

/**
 * Makes `folder`, or sees to it that it is one of our own that nobody else may look into. A debugger is told paths in
 * it, of which it takes a colon, a quotation mark or a line's end for its own.
 */
export async function openCacheFolder(folder: string): Promise<void> {
  if (/[\p{C}:'"\\]/u.test(folder))
    throw unusable(folder, 'its path holds characters that debuggers take for theirs')
  await mkdir(path.dirname(folder), { recursive: true })
  await mkdir(folder, { mode: OWN_MODE }).then(
    // As it is asked for, whatever the umask.
    () => chmod(folder, OWN_MODE),
    error => {
      if (codeOf(error) !== 'EEXIST') throw unusable(folder, messageOf(error))
    },
  )
  const stats = await lstat(folder)
  if (!stats.isDirectory()) throw unusable(folder, 'it is no folder')
  if (stats.uid !== process.geteuid?.()) throw unusable(folder, 'it is not yours')
  if ((stats.mode & 0o077) !== 0)
    throw unusable(folder, `others may look into it; chmod 700 "${folder}" mends that`)
}

function unusable(folder: string, why: string): CliError {
  return new CliError(
    EXIT.error,
    `Cannot keep cores in "${folder}": ${why}`,
    'Set XDG_CACHE_HOME to a folder of your own.',
  )
}
