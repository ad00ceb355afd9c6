import { createHash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after } from 'node:test'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { binaryKey } from '../../crash/binary-key.ts'
import { type IndexEntry, indexedFolder } from '../../crash/index-entry.ts'
import { type CrashReport, encodeReport, REPORT_SCHEMA } from '../../crash/report.ts'
import { CrashIndex } from '../../crash-index/crash-index.ts'
import type { ObjectStore } from '../../storage/object-store.ts'
import { storeIn } from '../../storage/open-store.ts'
import { ENTRY } from '../fakes/index-entry.ts'

/** A directory that goes with the test, as a store. */
export async function emptyStore(): Promise<{ readonly folder: string; readonly store: ObjectStore }> {
  const folder = await mkdtemp(path.join(tmpdir(), 'coredog-cli-'))
  after(() => rm(folder, { recursive: true, force: true }))
  return { folder, store: storeIn(folder) }
}

interface Crash extends Partial<IndexEntry> {
  readonly core?: Buffer
  readonly compression?: 'gzip' | 'zstd' | 'none'
  readonly report?: Partial<CrashReport>
  readonly log?: string
  readonly binaries?: readonly { readonly path: string; readonly buildId: string; readonly content: Buffer }[]
}

/** Stores a crash as a handler does. */
export async function addCrash(store: ObjectStore, crash: Crash = {}): Promise<IndexEntry> {
  const { core = Buffer.from('core'), compression = 'gzip', report, log, binaries = [], ...fields } = crash
  const stored = compressed(core, compression)
  const entry = { ...ENTRY, storedBytes: stored.length, ...fields }
  const folder = indexedFolder(entry)
  const key = `${folder}/core${{ gzip: '.gz', zstd: '.zst', none: '' }[compression]}`
  if (entry.storedBytes > 0) await store.put(key, [stored], stored.length)
  if (log !== undefined) await store.put(`${folder}/log.txt`, [Buffer.from(log)], log.length)
  for (const { buildId, content } of binaries)
    await store.put(binaryKey(entry, buildId, digest(content)), [content], content.length)
  const encoded = encodeReport({
    ...{ schema: REPORT_SCHEMA, id: entry.id, time: entry.time.toISOString() },
    core: {
      ...{ key, compression, complete: true, sizeBytes: core.length },
      ...{ storedBytes: stored.length, sha256: digest(stored) },
    },
    binaries: binaries.map(({ path: file, buildId, content }) => ({
      ...{ path: file, buildId, sha256: digest(content), sizeBytes: content.length },
    })),
    ...report,
  })
  await store.put(`${folder}/report.json`, [encoded], encoded.length)
  await new CrashIndex(store).add(entry)
  return entry
}

export function digest(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}

function compressed(core: Buffer, compression: 'gzip' | 'zstd' | 'none'): Buffer {
  if (compression === 'none') return core
  return compression === 'gzip' ? gzipSync(core, { level: 1 }) : zstdCompressSync(core)
}
