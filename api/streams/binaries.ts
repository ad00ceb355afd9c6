import { COREDUMP_GROUP } from '../../coredump/coredump.ts'
import type { IndexEntry } from '../../crash/index-entry.ts'
import type { CrashReport } from '../../crash/report.ts'
import { findSymbols } from '../../crash-index/find-symbols.ts'
import { type NamedBinary, namedBinaries, namedBuilds } from '../../crash-index/named-binaries.ts'
import { readReport } from '../../crash-index/read-report.ts'
import type { ResourceRequest } from '../resource-request.ts'
import { crashAsked } from './crash-asked.ts'
import { fewAtOnce } from './few-at-once.ts'
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
  const programs = await fewAtOnce([...named.values()], binary => program(binary, looking))
  const symbols = await fewAtOnce(namedBuilds(report), buildId => symbolsOf(buildId, looking))
  return [...programs, ...symbols].filter(file => file !== null)
}

async function program({ key, ...named }: NamedBinary, looking: Looking): Promise<FoundBinary | null> {
  const info = await looking.store.look(key)
  if (typeof info === 'string') return null
  return { ...named, sizeBytes: info.sizeBytes, ...(await linkTo(key, looking)) }
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
