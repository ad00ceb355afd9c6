import type { Readable } from 'node:stream'
import type { Coredump } from '../../coredump/coredump.ts'
import { type IndexEntry, indexedFolder } from '../../crash/index-entry.ts'
import { LOG_FILE } from '../../crash/log-text.ts'
import { findCore } from '../../crash-index/find-core.ts'
import { findSymbols } from '../../crash-index/find-symbols.ts'
import { findBinary } from '../../crash-index/stored-binaries.ts'
import { NotFoundError } from '../../storage/errors.ts'
import type { ObjectInfo, ObjectStore } from '../../storage/object-store.ts'
import type { ReadOptions } from '../../storage/read-options.ts'
import { CliError, EXIT } from '../exit.ts'
import type { NamedStore } from './named-store.ts'
import type { StoredBytes } from './source.ts'

type Store = Pick<ObjectStore, 'look' | 'get'>

export async function storedCore(
  store: Store,
  { entry, crash }: { readonly entry: IndexEntry; readonly crash: Coredump },
  options: ReadOptions,
): Promise<StoredBytes> {
  const found = await findCore(store, entry)
  if (found === null) throw noCore(crash)
  const { sizeBytes, storedAt } = found.info
  const tag = `${sizeBytes}-${storedAt.getTime()}`
  return { ...(await bytesOf(store, found.info, options)), tag }
}

function noCore({ spec, status }: Coredump): CliError {
  return new CliError(
    EXIT.notFound,
    `Cannot get the core of ${spec.id}: ${status.incompleteReason ?? 'there is none in the store'}`,
    `\`kubectl coredog info ${spec.id}\` says what is known of the crash all the same.`,
  )
}

/** `null`: none was kept. */
export async function storedLog(
  store: Store,
  entry: IndexEntry,
  options: ReadOptions,
): Promise<Readable | null> {
  try {
    return await store.get(`${indexedFolder(entry)}/${LOG_FILE}`, options)
  } catch (error) {
    if (error instanceof NotFoundError) return null
    throw error
  }
}

/** What its report names and its own namespace has: no key of the report is ever used. */
export async function storedBinary(
  store: Store,
  wanted: Parameters<typeof findBinary>[1],
  options: ReadOptions,
): Promise<StoredBytes> {
  const info = await findBinary(store, wanted)
  if (info !== null) return await bytesOf(store, info, options)
  throw new CliError(
    EXIT.notFound,
    `Cannot get the program ${wanted.sha256}: the crash does not name it, or the store does not have it any more`,
    'Take it from the image of the container.',
  )
}

/** `null`: there are none. */
export async function storedSymbols(
  { store, symbolFolders }: Pick<NamedStore, 'store' | 'symbolFolders'>,
  buildId: string,
  options: ReadOptions,
): Promise<StoredBytes | null> {
  const info = await findSymbols(store, symbolFolders, buildId)
  return info === null ? null : await bytesOf(store, info, options)
}

async function bytesOf(
  store: Store,
  { key, sizeBytes }: ObjectInfo,
  options: ReadOptions,
): Promise<StoredBytes> {
  const body = await store.get(key, options)
  return { body, firstByte: options.firstByte ?? 0, totalBytes: sizeBytes, tag: null, from: 'the store' }
}
