import { rm, stat } from 'node:fs/promises'
import path from 'node:path'
import type { Logger } from 'pino'
import { readSpooled, spooledIn } from '../../handoff/spool-entry.ts'

/** What a round of tidying has in common. */
export interface Tidying {
  readonly now: Date
  readonly log: Logger
}

/** A handler makes the folder and then the record, at once. */
const REMAINS_SECONDS = 3600

/**
 * Removes what a kill left of crashes that were finished, or never begun: folders without a record, which
 * count against the quota.
 */
export async function removeSpoolRemains(dir: string, { now, log }: Tidying): Promise<void> {
  for (const folder of await spooledIn(dir)) {
    const { mtime } = await stat(folder)
    if (now.getTime() - mtime.getTime() <= REMAINS_SECONDS * 1000 || !(await hasNoRecord(folder))) continue
    await rm(folder, { recursive: true, force: true })
    log.info({ crash: path.basename(folder) }, 'remains of a spooled crash removed')
  }
}

/** One that cannot be read is a record: of another version, or of a disk that fails. */
async function hasNoRecord(folder: string): Promise<boolean> {
  return readSpooled(folder).then(
    spooled => spooled === null,
    () => false,
  )
}

/** Uploads that the crashes in the spool go on with. Rejects if one cannot be read: it may go on with any. */
export async function uploadsInSpool(dir: string): Promise<ReadonlySet<string>> {
  const spooled = await Promise.all((await spooledIn(dir)).map(readSpooled))
  return new Set(spooled.flatMap(found => found?.record.core?.uploadId ?? []))
}
