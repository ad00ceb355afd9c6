import path from 'node:path'
import { LOG_FILE } from '../crash/log-text.ts'
import { parseCrashFolder } from '../crash/object-key.ts'
import type { ObjectInfo } from '../storage/object-store.ts'

/** What is stored of one crash. */
export interface StoredCrash {
  readonly folder: string
  /** The first segment of its folder: `_host` and `_unverified` count as namespaces. */
  readonly namespace: string
  readonly time: Date
  /** Of its objects, those that are ours. */
  readonly names: readonly string[]
  readonly bytes: number
}

/**
 * What a crash may have, in the order in which it is removed. The report is last: it makes the crash exist, so at no
 * moment there is a core without a report.
 */
export const CRASH_FILES: readonly string[] = ['core', 'core.gz', 'core.zst', LOG_FILE, 'report.json']

/**
 * The crashes among `objects`, which come in key order, so that those of one crash, and of one namespace,
 * come together.
 */
export async function* crashesAmong(objects: AsyncIterable<ObjectInfo>): AsyncGenerator<StoredCrash> {
  let crash: StoredCrash | null = null
  for await (const { key, sizeBytes } of objects) {
    const folder = path.posix.dirname(key)
    if (crash !== null && crash.folder !== folder) {
      yield crash
      crash = null
    }
    const name = path.posix.basename(key)
    if (!CRASH_FILES.includes(name)) continue
    crash ??= emptyCrash(folder)
    if (crash !== null) crash = { ...crash, names: [...crash.names, name], bytes: crash.bytes + sizeBytes }
  }
  if (crash !== null) yield crash
}

/** `null`: a folder that we did not make. */
function emptyCrash(folder: string): StoredCrash | null {
  const parsed = parseCrashFolder(folder)
  if (parsed === null) return null
  return { folder, namespace: folder.split('/', 1).join(), time: parsed.time, names: [], bytes: 0 }
}
