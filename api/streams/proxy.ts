import type { IndexEntry } from '../../crash/index-entry.ts'
import { findCore } from '../../crash-index/find-core.ts'
import { findSymbols } from '../../crash-index/find-symbols.ts'
import { namedBuilds } from '../../crash-index/named-binaries.ts'
import { readReport } from '../../crash-index/read-report.ts'
import { findBinary } from '../../crash-index/stored-binaries.ts'
import type { ResourceRequest } from '../resource-request.ts'
import { notFound } from '../status-error.ts'
import { crashAsked } from './crash-asked.ts'
import { noCore } from './no-core.ts'
import { ofStore } from './of-store.ts'
import { coreObject } from './stored-core.ts'
import type { StoredObject } from './stored-object.ts'
import type { Streaming } from './streaming.ts'

/** The core as it is stored; below it the programs that its report names, and symbols of their builds. */
export async function serveProxy(asked: ResourceRequest, streaming: Streaming): Promise<void> {
  const entry = await crashAsked(asked, streaming)
  const object = await ofStore(asked, streaming.log, () => objectAsked(asked, entry, streaming))
  await streaming.downloads.send(asked, object)
}

async function objectAsked(
  { rest }: ResourceRequest,
  entry: IndexEntry,
  streaming: Streaming,
): Promise<StoredObject> {
  const [kind, name = '', ...more] = rest
  if (kind === undefined) return await core(entry, streaming)
  if (more.length === 0 && kind === 'binaries') return await binary(name, entry, streaming)
  if (more.length === 0 && kind === 'symbols') return await symbols(name, entry, streaming)
  throw notFound('coredumps/proxy', rest.join('/'))
}

async function core(entry: IndexEntry, { store }: Streaming): Promise<StoredObject> {
  const [found, report] = await Promise.all([findCore(store, entry), readReport(store, entry)])
  if (found === null) throw noCore(entry, report)
  return coreObject(found, entry, report)
}

async function binary(sha256: string, entry: IndexEntry, { store }: Streaming): Promise<StoredObject> {
  const info = await findBinary(store, { entry, report: await readReport(store, entry), sha256 })
  if (info === null) throw notFound('coredumps/proxy', `binaries/${sha256}`)
  return { what: 'binary', type: BINARY, savedAs: sha256, info, sha256 }
}

async function symbols(
  buildId: string,
  entry: IndexEntry,
  { store, limits }: Streaming,
): Promise<StoredObject> {
  const isNamed = namedBuilds(await readReport(store, entry)).includes(buildId)
  const info = isNamed ? await findSymbols(store, limits.symbolFolders, buildId) : null
  if (info === null) throw notFound('coredumps/proxy', `symbols/${buildId}`)
  return { what: 'symbols', type: BINARY, savedAs: `${buildId}.debug`, info }
}

const BINARY = 'application/octet-stream'
