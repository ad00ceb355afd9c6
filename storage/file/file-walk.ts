import type { Dirent, Stats } from 'node:fs'
import { lstat, readdir } from 'node:fs/promises'
import { insteadOf } from '../../crash/system-error.ts'
import type { StoreDirectory } from './store-directory.ts'

export interface FoundFile {
  /** Relative to where the walk began. */
  readonly key: string
  readonly stat: Stats
}

/** The files below `directory` whose key starts with `prefix`, in key order; `path` is what leads there. */
export async function* walk(
  directory: StoreDirectory,
  path: string,
  prefix: string,
): AsyncGenerator<FoundFile, void, void> {
  const entries = await ifThere(readdir(directory.at('.'), { withFileTypes: true }))
  for (const entry of inKeyOrder(entries ?? [])) {
    const key = path + segment(entry)
    if (entry.isDirectory() && (key.startsWith(prefix) || prefix.startsWith(key))) {
      await using child = await ifThere(directory.child(entry.name))
      if (child) yield* walk(child, key, prefix)
    } else if (entry.isFile() && key.startsWith(prefix)) {
      const stat = await ifThere(lstat(directory.at(entry.name)))
      if (stat) yield { key, stat }
    }
  }
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
