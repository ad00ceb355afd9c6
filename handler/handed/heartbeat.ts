import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { HAND_OVER, type Heartbeat } from '../../handoff/run-folder.ts'

/** What the installer last said of itself. */
export async function readHeartbeat(runFolder: string): Promise<Heartbeat | null> {
  try {
    const text = await readFile(path.join(runFolder, HAND_OVER.heartbeat), 'utf8')
    const { time, uninstallAfterSeconds } = JSON.parse(text) as Partial<Record<string, unknown>>
    return typeof time === 'string' && typeof uninstallAfterSeconds === 'number'
      ? { time, uninstallAfterSeconds }
      : null
  } catch {
    // No installer was here, or nobody can say.
    return null
  }
}
