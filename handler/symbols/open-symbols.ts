import type { Logger } from 'pino'
import type { Config } from '../../config/config.ts'
import type { ObjectStore } from '../../storage/object-store.ts'
import type { HandoffAccess } from '../../storage/s3/s3-store.ts'
import { Debuginfod } from './debuginfod.ts'
import { StoredSymbols } from './stored-symbols.ts'
import { SymbolSources } from './symbol-sources.ts'

/** Those that the configuration names. Nothing is opened before it is used. */
export function openSymbols(
  { symbols, storage, paths }: Pick<Config, 'symbols' | 'storage' | 'paths'>,
  {
    store,
    access,
    log,
  }: {
    readonly store: Pick<ObjectStore, 'get' | 'location'>
    readonly access: Pick<HandoffAccess, 'lookup' | 'network'>
    readonly log: Logger
  },
): SymbolSources {
  const sources = symbols.map(source =>
    source.kind === 'server'
      ? new Debuginfod(source.url, access)
      : new StoredSymbols(source.prefix, store, storage.storeDir),
  )
  return new SymbolSources(sources, { folder: paths.state, log })
}
