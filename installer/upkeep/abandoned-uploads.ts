import path from 'node:path'
import type { Logger } from 'pino'
import { parseBinaryKey } from '../../crash/binary-key.ts'
import { parseDailyKey } from '../../crash/daily-key.ts'
import { parseCrashFolder } from '../../crash/object-key.ts'
import { isPartial } from '../../storage/file/file-object.ts'
import type { ObjectStore } from '../../storage/object-store.ts'

interface Abandoning {
  /** Ids of uploads that a process of this node is still to finish, however old they are. */
  readonly inUse: ReadonlySet<string>
  readonly now: Date
  readonly signal: AbortSignal
  readonly log: Logger
}

/**
 * Longer than an outage that an operator lets last: what lies in the spool of another node is finished within
 * a minute of its end.
 */
const ABANDONED_SECONDS = 3 * 24 * 3600

/**
 * Removes the uploads of ours that no installer will finish: the node of their handler is gone. Parts of an
 * upload cost as much as an object, and no listing shows them.
 */
export async function abortAbandoned(
  store: Pick<ObjectStore, 'unfinished' | 'location'>,
  { inUse, now, signal, log }: Abandoning,
): Promise<void> {
  for await (const { key, uploadId, touchedAt, abort } of store.unfinished()) {
    const isOld = now.getTime() - touchedAt.getTime() > ABANDONED_SECONDS * 1000
    if (!isOld || !isOurs(key) || inUse.has(uploadId)) continue
    signal.throwIfAborted()
    await abort()
    log.info({ url: store.location(key), uploadId, touchedAt }, 'abandoned upload removed')
  }
}

/** Others may share the bucket, and the folder. */
function isOurs(key: string): boolean {
  const name = path.posix.basename(key)
  if (isPartial(name) || parseBinaryKey(key) !== null || parseDailyKey(key) !== null) return true
  return /^core(\.gz|\.zst)?$/.test(name) && parseCrashFolder(path.posix.dirname(key)) !== null
}
