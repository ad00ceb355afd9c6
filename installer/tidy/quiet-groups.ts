import { lstat, readdir, rmdir, stat } from 'node:fs/promises'
import path from 'node:path'
import { insteadOf, orIfMissing } from '../../crash/system-error.ts'
import { SEEN_LIFE_SECONDS } from '../../handoff/seen-group.ts'
import { removeOurs } from './remove-ours.ts'
import type { Tidying } from './spool-remains.ts'

/** A handler makes a file and gives it its name, at once. */
const TEMPORARY_SECONDS = 3600

/**
 * Removes of `folder`, which a {@link SeenFolder} keeps, the groups that were quiet for thirty days, the links to
 * them, and what a killed handler left half made.
 */
export async function removeQuietGroups(folder: string, { now, log }: Tidying): Promise<void> {
  let removed = 0
  for (const tenant of await readdir(folder).catch(orIfMissing([]))) {
    const ofTenant = path.join(folder, tenant)
    for (const name of await readdir(ofTenant)) {
      const file = path.join(ofTenant, name)
      if ((await isOver(file, now)) && (await removeOurs(file, log))) removed += 1
    }
    await rmdir(ofTenant).catch(insteadOf(['ENOTEMPTY', 'ENOENT'], undefined))
  }
  if (removed > 0) log.info({ removed }, 'quiet groups removed')
}

/** A link is over with what it leads to. */
async function isOver(file: string, now: Date): Promise<boolean> {
  const changed = await stat(file).catch(orIfMissing(null))
  if (changed === null) return (await lstat(file).catch(orIfMissing(null))) !== null
  const life = file.endsWith('.new') ? TEMPORARY_SECONDS : SEEN_LIFE_SECONDS
  return now.getTime() - changed.mtimeMs > life * 1000
}
