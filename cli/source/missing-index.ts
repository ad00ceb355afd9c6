import { INDEX } from '../../crash/index-entry.ts'
import { parseCrashFolder } from '../../crash/object-key.ts'
import type { ObjectStore } from '../../storage/object-store.ts'
import { CliError, EXIT } from '../exit.ts'

/** `StorageConfig.StoreDir` where it is not set. */
const USUAL_FOLDER = 'corefiles'
/** What is looked at until it is clear that there is no crash: `_binaries` and others come before none. */
const MOST_LOOKED_AT = 1000

/** Rejects where there are crashes, and no names of them: what stored them was older than the index. */
export async function assertIndex(store: Pick<ObjectStore, 'list' | 'location'>): Promise<void> {
  for await (const _ of store.list(`${INDEX}/`)) return
  for await (const _ of store.list(`${USUAL_FOLDER}/${INDEX}/`)) throw anotherFolder(store)
  let looked = 0
  for await (const { key } of store.list('')) {
    if (parseCrashFolder(key.slice(0, key.lastIndexOf('/'))) !== null) throw noIndex(store.location(''))
    looked += 1
    if (looked >= MOST_LOOKED_AT) return
  }
}

function anotherFolder(store: Pick<ObjectStore, 'location'>): CliError {
  return new CliError(
    EXIT.error,
    `Cannot list the crashes in ${store.location('')}: they are in its folder "${USUAL_FOLDER}"`,
    `Name the folder, too: --bucket ${store.location(USUAL_FOLDER)}`,
  )
}

function noIndex(location: string): CliError {
  return new CliError(
    EXIT.error,
    `Cannot list the crashes in ${location}: they were stored by a release without an index`,
    'Make it once, where CoreDog runs: `coredog-handler reindex`.',
  )
}
