import type { Dirent, Stats } from 'node:fs'
import { lstat, readdir } from 'node:fs/promises'
import { insteadOf } from '../../crash/system-error.ts'
import type { StoreDirectory } from './store-directory.ts'

export interface FoundFile {
  /** Relative to where the walk began. */
  readonly key: string
  readonly stat: Stats
}

interface Walked {
  readonly prefix: string
  /** Empty: from the first one. */
  readonly after: string
}

/**
 * The files below `directory` whose key starts with `prefix` and comes behind `after`, in key order; `path` is what
 * leads there.
 */
export async function* walk(
  directory: StoreDirectory,
  path: string,
  walked: Walked,
): AsyncGenerator<FoundFile, void, void> {
  const entries = await ifThere(readdir(directory.at('.'), { withFileTypes: true }))
  const wanted = (entries ?? []).filter(entry => mayHold(path + segment(entry), entry, walked))
  for (const entry of inKeyOrder(wanted)) {
    const key = path + segment(entry)
    if (entry.isDirectory()) {
      await using child = await ifThere(directory.child(entry.name))
      if (child) yield* walk(child, key, walked)
    } else {
      const stat = await ifThere(lstat(directory.at(entry.name)))
      if (stat) yield { key, stat }
    }
  }
}

function mayHold(key: string, entry: Dirent, { prefix, after }: Walked): boolean {
  if (entry.isFile()) return key.startsWith(prefix) && isBehind(key, after)
  const leadsThere = key.startsWith(prefix) || prefix.startsWith(key)
  return entry.isDirectory() && leadsThere && (after.startsWith(key) || isBehind(key, after))
}

function isBehind(key: string, after: string): boolean {
  return Buffer.compare(Buffer.from(key), Buffer.from(after)) > 0
}

// The order of S3: by bytes of UTF-8, where `a/b` stands after `a-b`, as `/` stands after `-`.
function inKeyOrder(entries: Dirent[]): Dirent[] {
  return entries.sort((a, b) => Buffer.compare(Buffer.from(segment(a)), Buffer.from(segment(b))))
}

function segment(entry: Dirent): string {
  return entry.isDirectory() ? `${entry.name}/` : entry.name
}

/** Others write to and remove from the same file system while we list it. */
async function ifThere<T>(work: Promise<T>): Promise<T | null> {
  return work.catch(insteadOf(['ENOENT', 'ENOTDIR'], null))
}
