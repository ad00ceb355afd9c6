import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { isOfAnotherVersion } from '../../handoff/format-version.ts'
import { type Heartbeat, RUN_FILES } from '../../handoff/run-folder.ts'

/** What the installer last said of itself; `null`: nothing, or in a version that we do not know. */
export async function readHeartbeat(runFolder: string): Promise<Heartbeat | null> {
  try {
    const text = await readFile(path.join(runFolder, RUN_FILES.heartbeat), 'utf8')
    const found: unknown = JSON.parse(text)
    const { time, uninstallAfterSeconds } = found as Partial<Record<string, unknown>>
    return !isOfAnotherVersion(found) && typeof time === 'string' && typeof uninstallAfterSeconds === 'number'
      ? { time, uninstallAfterSeconds }
      : null
  } catch {
    // No installer was here, or it cannot be read.
    return null
  }
}
