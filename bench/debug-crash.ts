import { createHash } from 'node:crypto'
import { cpSync, mkdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { execa } from 'execa'
import { binaryKey, binaryOwner } from '../crash/binary-key.ts'
import { type IndexEntry, indexedFolder, namespaceIndexKey, timeIndexKey } from '../crash/index-entry.ts'
import type { CrashReport, ReportBinary } from '../crash/report.ts'

const SOURCE = `#include <cstdint>
#include <vector>
struct Basket { std::vector<std::uint64_t> items; std::uint64_t total() const { return *(volatile int *)0x18; } };
static std::uint64_t pay(const Basket &basket) { return basket.total() + 1; }
int main() {
  Basket basket{std::vector<std::uint64_t>(MEMORY_BYTES / 8)};
  std::uint64_t state = 88172645463325252ull;
  for (auto &item : basket.items) item = (state ^= state << 7, state ^= state >> 9);
  return static_cast<int>(pay(basket));
}
`

const ENTRY: IndexEntry = {
  ...{ cluster: '_none', namespace: 'shop', time: new Date('2026-11-21T04:21:17Z'), id: '3f2a9c01d4e5' },
  ...{ podUid: '0f8fad5b-d9cb-469f-a165-70867728950e', pod: 'web-0', container: 'app', comm: 'shop', pid: 7 },
  ...{ signal: 11, storedBytes: 0, group: null },
}

/** What its message says of it. */
export const CRASH = ['3f2a9c01d4e5', '-n', ENTRY.namespace] as const

/**
 * Puts a crash of a C++ program with so much memory, which gzip makes no smaller, into the store of the folder; the
 * program itself is gone afterwards. Gives how large the stored core is.
 */
export async function storeCrash(folder: string, scratch: string, memoryBytes: number): Promise<number> {
  const [program, core] = [path.join(scratch, 'shop'), path.join(scratch, 'core')]
  const flags = ['-g', '-O1', `-DMEMORY_BYTES=${memoryBytes}`, '-x', 'c++', '-', '-o', program]
  await execa('g++', flags, { input: SOURCE })
  const crash = ['-nx', '-batch', '-ex', 'run', '-ex', `generate-core-file ${core}`, program]
  await execa('gdb', crash)
  const stored = gzipSync(readFileSync(core), { level: 1 })
  const { stdout } = await execa('ldd', [program])
  const libraries = [...stdout.matchAll(/(\/\S+) \(0x/g)].map(([, file = '']) => realpathSync(file))
  const binaries = [program, ...libraries].map(file => storeBinary(folder, file))
  const entry = { ...ENTRY, storedBytes: stored.length }
  const key = `${indexedFolder(entry)}/core.gz`
  put(folder, key, stored)
  put(folder, `${indexedFolder(entry)}/report.json`, JSON.stringify(reportOf(entry, stored, key, binaries)))
  for (const index of [timeIndexKey(entry), namespaceIndexKey(entry)]) put(folder, index, '')
  for (const gone of [program, core]) rmSync(gone)
  return stored.length
}

function reportOf(
  { id, time }: IndexEntry,
  stored: Buffer,
  key: string,
  binaries: readonly ReportBinary[],
): CrashReport {
  const said = { key, compression: 'gzip', storedBytes: stored.length, sha256: sha256(stored) } as const
  const { path: executable = '' } = binaries[0] ?? {}
  return {
    ...{ schema: 'coredog.io/report/v1', id, time: time.toISOString() },
    ...{ process: { comm: 'shop', executable }, core: { ...said, complete: true }, binaries },
  }
}

function storeBinary(folder: string, file: string): ReportBinary {
  const digest = sha256(readFileSync(file))
  const owner = binaryOwner({ kind: 'pod', namespace: ENTRY.namespace, pod: '', container: '' })
  const key = binaryKey(owner, null, digest)
  mkdirSync(path.dirname(path.join(folder, key)), { recursive: true })
  cpSync(file, path.join(folder, key))
  return { path: file, sha256: digest, key }
}

function put(folder: string, key: string, content: Buffer | string): void {
  const file = path.join(folder, key)
  mkdirSync(path.dirname(file), { recursive: true })
  writeFileSync(file, content)
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}
