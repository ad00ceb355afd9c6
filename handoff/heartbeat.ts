import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { fieldsIn } from '../crash/fields.ts'
import { isOfAnotherVersion } from './format-version.ts'
import { type Heartbeat, RUN_FILES } from './run-folder.ts'

/**
 * What the installer last said of itself in `runFolder`; `null`: nothing since the node started, or nothing
 * that can be read, as in a version that we do not know.
 */
export async function readHeartbeat(runFolder: string): Promise<Heartbeat | null> {
  const text = await readFile(path.join(runFolder, RUN_FILES.heartbeat), 'utf8').catch(() => '')
  const found = fieldsIn(text) ?? {}
  const { time, uninstallAfterSeconds } = found
  return !isOfAnotherVersion(found) && typeof time === 'string' && typeof uninstallAfterSeconds === 'number'
    ? { time, uninstallAfterSeconds }
    : null
}
