import type { IndexEntry } from '../../crash/index-entry.ts'
import type { CrashReport } from '../../crash/report.ts'
import { findSymbols } from '../../crash-index/find-symbols.ts'
import { type NamedBinary, namedBinaries } from '../../crash-index/named-binaries.ts'
import type { ObjectInfo, ObjectStore } from '../../storage/object-store.ts'
import { CliError, EXIT } from '../exit.ts'
import { ahead } from './ahead.ts'
import type { NamedStore } from './named-store.ts'
import type { StoredBinary, StoredBytes } from './source.ts'

const MOST_LOOKED_AT = 16

type Store = Pick<ObjectStore, 'look' | 'get'>

/** What its report names and its own namespace has: no key of the report is ever used. */
export async function storedBinaries(
  store: Store,
  entry: IndexEntry,
  report: CrashReport | null,
): Promise<readonly StoredBinary[]> {
  const found: StoredBinary[] = []
  for await (const binary of ahead(each(namedBinaries(report, entry)), MOST_LOOKED_AT, one =>
    looked(store, one),
  ))
    if (binary !== null) found.push(binary)
  return found
}

async function looked(store: Store, binary: NamedBinary): Promise<StoredBinary | null> {
  const { key, sha256, buildId = null, path = '' } = binary
  const info = await store.look(key)
  return typeof info === 'string' ? null : { path, buildId, sha256, sizeBytes: info.sizeBytes }
}

interface Asked {
  readonly entry: IndexEntry
  readonly report: CrashReport | null
  readonly sha256: string
}

export async function storedBinary(
  store: Store,
  { entry, report, sha256 }: Asked,
  signal?: AbortSignal,
): Promise<StoredBytes> {
  for (const { key } of namedBinaries(report, entry).filter(one => one.sha256 === sha256)) {
    const info = await store.look(key)
    if (typeof info === 'object') return bytesOf(store, info, signal)
  }
  throw new CliError(
    EXIT.notFound,
    `Cannot get the program ${sha256}: the crash does not name it, or the store does not have it any more`,
    'Take it from the image of the container.',
  )
}

export async function storedSymbols(
  { store, symbolFolders }: Pick<NamedStore, 'store' | 'symbolFolders'>,
  buildId: string,
  signal?: AbortSignal,
): Promise<StoredBytes | null> {
  const info = await findSymbols(store, symbolFolders, buildId)
  return info === null ? null : bytesOf(store, info, signal)
}

async function bytesOf(store: Store, info: ObjectInfo, signal?: AbortSignal): Promise<StoredBytes> {
  const body = await store.get(info.key, signal && { signal })
  return { body, firstByte: 0, totalBytes: info.sizeBytes, tag: null, from: 'the store' }
}

async function* each<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items
}
