import { readdir, stat } from 'node:fs/promises'
import path from 'node:path'
import type { DedupeConfig } from '../../config/config.ts'
import { orIfMissing } from '../../crash/system-error.ts'
import { groupLifeSeconds } from '../../handoff/group-standing.ts'
import { removeOurs } from './remove-ours.ts'
import type { Tidying } from './spool-remains.ts'

/** Removes the files of groups that are long past. */
export async function removeOldGroups(
  folder: string,
  { windowSeconds }: Pick<DedupeConfig, 'windowSeconds'>,
  { now, log }: Tidying,
): Promise<void> {
  const lifeSeconds = groupLifeSeconds(windowSeconds)
  let removed = 0
  for (const name of await readdir(folder).catch(orIfMissing([]))) {
    const file = path.join(folder, name)
    const { mtime } = await stat(file)
    if (now.getTime() - mtime.getTime() <= lifeSeconds * 1000) continue
    if (await removeOurs(file, log)) removed += 1
  }
  if (removed > 0) log.info({ removed }, 'old cases removed')
}
