import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { insteadOf, orIfMissing } from '../../crash/system-error.ts'
import { pidsIn, setFile } from './cgroup-files.ts'

/** What a cgroup of handlers may hold. */
export interface MemoryLimit {
  /** 0: no limit. */
  readonly memoryBytes: number
  /** Beside it. */
  readonly readAheadBytes: number
}

// From here on the kernel takes memory back, mostly page cache, before it has to kill a handler at the limit. Of what
// is read ahead there is nothing to take back.
const MEMORY_HIGH_SHARE = 7 / 8

/**
 * A limit is not lowered while a handler is in the cgroup: what it was lent by the one before still holds, and the
 * kernel would kill it.
 */
export async function limitMemory(folder: string, version: 1 | 2, limit: MemoryLimit): Promise<void> {
  await keepFromSwap(folder, version)
  const isInUse = (await pidsIn(folder)).length > 0
  for (const { name, value } of MEMORY[version](limit)) {
    const file = path.join(folder, name)
    if (!isInUse || !(await isLower(value, file))) await setFile(file, value)
  }
}

interface Setting {
  readonly name: string
  readonly value: string
}

const MEMORY: Record<1 | 2, (limit: MemoryLimit) => readonly Setting[]> = {
  1: limit => [{ name: 'memory.limit_in_bytes', value: limitIn(limit, 1, '-1') }],
  2: limit => [
    { name: 'memory.high', value: limitIn(limit, MEMORY_HIGH_SHARE, 'max') },
    { name: 'memory.max', value: limitIn(limit, 1, 'max') },
  ],
}

function limitIn({ memoryBytes, readAheadBytes }: MemoryLimit, share: number, unlimited: string): string {
  return memoryBytes === 0 ? unlimited : `${Math.floor(memoryBytes * share) + readAheadBytes}`
}

// Version 1 can be asked only for what the cgroup itself makes the kernel take back.
const SWAP: Record<1 | 2, string> = { 1: 'memory.swappiness', 2: 'memory.swap.max' }

/** A core in swap is a core on a disk. Where a kernel does not count swap the file is not there. */
async function keepFromSwap(folder: string, version: 1 | 2): Promise<void> {
  const file = path.join(folder, SWAP[version])
  await writeFile(file, '0', { flag: 'r+' }).catch(insteadOf(['ENOENT', 'EINVAL', 'EOPNOTSUPP'], undefined))
}

async function isLower(value: string, file: string): Promise<boolean> {
  return bytesOf(value) < bytesOf(await readFile(file, 'utf8').catch(orIfMissing('0')))
}

function bytesOf(limit: string): number {
  return ['max', '-1'].includes(limit.trim()) ? Number.POSITIVE_INFINITY : Number(limit)
}
