import type { IndexEntry } from '../crash/index-entry.ts'
import type { CrashReport } from '../crash/report.ts'
import type { ObjectInfo, ObjectStore } from '../storage/object-store.ts'
import { inParallel } from '../time/in-parallel.ts'
import { type NamedBinary, namedBinaries } from './named-binaries.ts'

type Store = Pick<ObjectStore, 'look'>

export interface KeptBinary extends NamedBinary {
  readonly sizeBytes: number
}

const AT_ONCE = 16

/** Those that the store has. */
export async function storedAmong(
  store: Store,
  named: readonly NamedBinary[],
): Promise<readonly KeptBinary[]> {
  const found = await inParallel(named, AT_ONCE, async binary => {
    const info = await store.look(binary.key)
    return typeof info === 'string' ? null : { ...binary, sizeBytes: info.sizeBytes }
  })
  return found.filter(binary => binary !== null)
}

interface Wanted {
  readonly entry: IndexEntry
  readonly report: CrashReport | null
  readonly sha256: string
}

/** A program that the crash names; `null`: it does not, or the store has it no more. */
export async function findBinary(
  store: Store,
  { entry, report, sha256 }: Wanted,
): Promise<ObjectInfo | null> {
  for (const { key } of namedBinaries(report, entry).filter(binary => binary.sha256 === sha256)) {
    const info = await store.look(key)
    if (typeof info === 'object') return info
  }
  return null
}
