import { readdir, stat } from 'node:fs/promises'
import path from 'node:path'
import { orIfMissing } from '../../crash/system-error.ts'
import { boundedText } from '../../handoff/bounded-text.ts'
import { groupFileOf, parseSuppressed, suppressedFile } from '../../handoff/suppressed.ts'
import type { Notification } from '../../notify/notification.ts'

/** A crash that was only counted, and when the last one like it came. */
export interface CountedCrash {
  readonly notification: Notification
  readonly last: Date
}

const LARGEST_BYTES = 1024 * 1024

/**
 * Of each group that this node has counted a crash of since `since`, the last one of which there is word. Handlers
 * append to the file of a group for each of its crashes, so its time is that of the last one.
 */
export async function countedSince(folder: string, since: Date): Promise<readonly CountedCrash[]> {
  const found: CountedCrash[] = []
  for (const name of await readdir(folder).catch(orIfMissing([]))) {
    const group = groupFileOf(name)
    const last = group === null ? null : await changedAt(path.join(folder, group))
    if (group === null || last === null || last <= since) continue
    const word = parseSuppressed(
      (await boundedText(suppressedFile(path.join(folder, group)), LARGEST_BYTES)) ?? '',
    )
    if (word !== null) found.push({ notification: word.notice, last })
  }
  return found
}

async function changedAt(file: string): Promise<Date | null> {
  const found = await stat(file).catch(orIfMissing(null))
  return found?.mtime ?? null
}
