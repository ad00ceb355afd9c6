import type { Logger } from 'pino'
import type { Config } from '../../config/config.ts'
import type { ObjectStore } from '../../storage/object-store.ts'
import type { HandoffAccess } from '../../storage/s3/s3-store.ts'
import { Debuginfod } from './debuginfod.ts'
import { StoredSymbols } from './stored-symbols.ts'
import type { SymbolSource } from './symbol-source.ts'
import { SymbolSources } from './symbol-sources.ts'

interface Ways {
  readonly store: Pick<ObjectStore, 'get' | 'location'>
  readonly access: Pick<HandoffAccess, 'lookup' | 'network'>
}

/** Those that the configuration names. Nothing is opened before it is used. */
export function symbolSources(
  { symbols, storage }: Pick<Config, 'symbols' | 'storage'>,
  { store, access }: Ways,
): readonly SymbolSource[] {
  return symbols.map(source =>
    source.kind === 'server'
      ? new Debuginfod(source.url, access)
      : new StoredSymbols(source.prefix, store, storage.storeDir),
  )
}

/** The same, to be asked for names. */
export function openSymbols(
  config: Pick<Config, 'symbols' | 'storage' | 'paths'>,
  { log, ...ways }: Ways & { readonly log: Logger },
): SymbolSources {
  return new SymbolSources(symbolSources(config, ways), { folder: config.paths.state, log })
}
