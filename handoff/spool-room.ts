import { readdir, readFile, stat, statfs } from 'node:fs/promises'
import path from 'node:path'
import type { SpoolConfig } from '../config/config.ts'
import { insteadOf } from '../crash/system-error.ts'
import { SPOOL_RECORD } from './spool-file.ts'
import { decodeSpoolRecord } from './spool-record.ts'

/** What there is no room in: the spool or its file system as a whole, or the share of one namespace. */
export type NoRoom = 'spool' | 'namespace'

/**
 * Why the spool may not take `bytes` more of a crash that is stored in `folder`, whose first segment is its
 * namespace; `null`: it may. Within its own quota, within what one namespace may take of that, and with
 * enough left of its file system.
 */
export async function whyNoRoom(
  { dir, maxBytes, perNamespace, keepFree }: SpoolConfig,
  folder: string,
  bytes: number,
): Promise<NoRoom | null> {
  const crashes = await crashesIn(dir)
  const own = crashes.filter(({ namespace }) => namespace === namespaceOf(folder))
  if (sumOf(crashes) + bytes > maxBytes) return 'spool'
  if (sumOf(own) + bytes > maxBytes * perNamespace) return 'namespace'
  const { bsize, blocks, bavail } = await statfs(dir)
  return bavail * bsize - bytes >= blocks * bsize * keepFree ? null : 'spool'
}

/** What lies in the spool, in bytes: a few crashes, each with some parts. */
export async function usedBytes(dir: string): Promise<number> {
  return sumOf(await crashesIn(dir))
}

interface SpooledBytes {
  /** Absent: unknown. */
  readonly namespace?: string
  readonly bytes: number
}

async function crashesIn(dir: string): Promise<readonly SpooledBytes[]> {
  const crashes: SpooledBytes[] = []
  for (const name of await namesIn(dir)) crashes.push(await crashIn(path.join(dir, name)))
  return crashes
}

async function crashIn(entry: string): Promise<SpooledBytes> {
  const sizes = await Promise.all((await namesIn(entry)).map(part => sizeOf(path.join(entry, part))))
  const bytes = sizes.reduce((sum, size) => sum + size, 0)
  const text = await readFile(path.join(entry, SPOOL_RECORD), 'utf8').catch(orIfGone(''))
  const record = decodeSpoolRecord(text)
  return record === null ? { bytes } : { bytes, namespace: namespaceOf(record.folder) }
}

/** Processes of the node, and those of unknown pods, have such a segment, too. */
function namespaceOf(folder: string): string {
  return folder.split('/', 1)[0] ?? ''
}

function sumOf(crashes: readonly SpooledBytes[]): number {
  return crashes.reduce((sum, { bytes }) => sum + bytes, 0)
}

/** Others add and remove while we look. */
async function namesIn(dir: string): Promise<readonly string[]> {
  return readdir(dir).catch(orIfGone([]))
}

async function sizeOf(file: string): Promise<number> {
  return stat(file).then(({ size }) => size, orIfGone(0))
}

function orIfGone<T>(instead: T): (thrown: unknown) => T {
  return insteadOf(['ENOENT', 'ENOTDIR'], instead)
}
