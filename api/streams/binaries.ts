import { COREDUMP_GROUP } from '../../coredump/coredump.ts'
import type { IndexEntry } from '../../crash/index-entry.ts'
import type { CrashReport } from '../../crash/report.ts'
import { findSymbols } from '../../crash-index/find-symbols.ts'
import { namedBinaries, namedBuilds } from '../../crash-index/named-binaries.ts'
import { readReport } from '../../crash-index/read-report.ts'
import { storedAmong } from '../../crash-index/stored-binaries.ts'
import { inParallel } from '../../time/in-parallel.ts'
import type { ResourceRequest } from '../resource-request.ts'
import { crashAsked } from './crash-asked.ts'
import { ofStore } from './of-store.ts'
import { sendJson } from './send-text.ts'
import type { Streaming } from './streaming.ts'

/** A file of the store that a crash names: by `proxy/binaries/<sha256>`, or by `proxy/symbols/<buildId>`. */
interface FoundBinary {
  readonly path?: string
  readonly buildId?: string
  readonly sha256?: string
  readonly sizeBytes: number
  /** Opens it for a while; only for who may get `coredumps/url`, where the store has links. */
  readonly url?: string
  readonly isSymbols?: boolean
}

/** `{items}`: the programs and symbols that a crash names and the store has. */
export async function serveBinaries(asked: ResourceRequest, streaming: Streaming): Promise<void> {
  const entry = await crashAsked(asked, streaming)
  const isLinked = await mayHaveLinks(asked, streaming)
  const items = await ofStore(asked, streaming.log, async () => {
    const report = await readReport(streaming.store, entry)
    return await foundOf(report, entry, { ...streaming, isLinked })
  })
  sendJson(asked, { items })
}

async function mayHaveLinks({ user, namespace, name }: ResourceRequest, streaming: Streaming) {
  if (!streaming.store.traits.links || namespace === null || name === null) return false
  const resource = { group: COREDUMP_GROUP, resource: 'coredumps', subresource: 'url' }
  return await streaming.mayDo(user, { verb: 'get', ...resource, namespace, name })
}

const AT_ONCE = 8

interface Looking extends Streaming {
  readonly isLinked: boolean
}

async function foundOf(
  report: CrashReport | null,
  entry: IndexEntry,
  looking: Looking,
): Promise<readonly FoundBinary[]> {
  // Of those of one content one stands for all.
  const named = new Map(namedBinaries(report, entry).map(binary => [binary.key, binary]))
  const stored = await storedAmong(looking.store, [...named.values()])
  const programs = stored.map(async ({ key, ...binary }) => ({ ...binary, ...(await linkTo(key, looking)) }))
  const symbols = await inParallel(namedBuilds(report), AT_ONCE, buildId => symbolsOf(buildId, looking))
  return [...(await Promise.all(programs)), ...symbols.filter(file => file !== null)]
}

async function symbolsOf(buildId: string, looking: Looking): Promise<FoundBinary | null> {
  const info = await findSymbols(looking.store, looking.limits.symbolFolders, buildId)
  if (info === null) return null
  return { buildId, sizeBytes: info.sizeBytes, isSymbols: true, ...(await linkTo(info.key, looking)) }
}

async function linkTo(key: string, { store, isLinked }: Looking): Promise<{ readonly url?: string }> {
  const url = isLinked ? await store.link(key) : null
  return url === null ? {} : { url }
}
