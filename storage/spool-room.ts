import { readdir, stat, statfs } from 'node:fs/promises'
import path from 'node:path'
import type { SpoolConfig } from '../config/config.ts'

/** Whether the spool may take `bytes` more: within its own quota, and with enough left of its file system. */
export async function hasRoom({ dir, maxBytes, keepFree }: SpoolConfig, bytes: number): Promise<boolean> {
  if ((await usedBytes(dir)) + bytes > maxBytes) return false
  const { bsize, blocks, bavail } = await statfs(dir)
  return bavail * bsize - bytes >= blocks * bsize * keepFree
}

/** What lies in the spool, in bytes: a few crashes, each with some parts. */
export async function usedBytes(dir: string): Promise<number> {
  let used = 0
  for (const name of await namesIn(dir)) {
    const entry = path.join(dir, name)
    const sizes = await Promise.all((await namesIn(entry)).map(part => sizeOf(path.join(entry, part))))
    used += sizes.reduce((sum, size) => sum + size, 0)
  }
  return used
}

/** Others add and remove while we look. */
async function namesIn(dir: string): Promise<readonly string[]> {
  return readdir(dir).catch(orIfGone([]))
}

async function sizeOf(file: string): Promise<number> {
  return stat(file).then(({ size }) => size, orIfGone(0))
}

function orIfGone<T>(instead: T): (error: unknown) => T {
  return error => {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return instead
    throw error
  }
}
