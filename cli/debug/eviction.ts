import type { Stats } from 'node:fs'
import { lstat, readdir, rm } from 'node:fs/promises'
import path from 'node:path'
import { isGone } from './running-process.ts'

/** What somebody fetched just now has no crash's folder yet. */
const FRESH_SECONDS = 3600

interface Found {
  readonly file: string
  readonly stats: Stats
}

/**
 * Takes away the crashes that were not opened for longest, until what is left has `mostBytes`; never that in the
 * folder `kept`. Objects go that are of no crash any more: each crash has links to its own.
 */
export async function evict(
  { objects, crashes }: { readonly objects: string; readonly crashes: string },
  { mostBytes, kept, now }: { readonly mostBytes: number; readonly kept: string; readonly now: Date },
): Promise<void> {
  await removeLeftovers(objects, now)
  const oldest = (await filesIn(crashes)).toSorted((a, b) => a.stats.mtimeMs - b.stats.mtimeMs)
  for (const { file } of oldest.filter(found => found.file !== kept)) {
    if ((await bytesIn(objects)) <= mostBytes) return
    await rm(file, { recursive: true, force: true })
    await removeUnused(objects, now)
  }
}

async function filesIn(folder: string): Promise<readonly Found[]> {
  const names = await readdir(folder)
  const found = await Promise.all(
    names.map(async name => {
      const file = path.join(folder, name)
      return { file, stats: await lstat(file).catch(() => null) } // another run was quicker
    }),
  )
  return found.filter((one): one is Found => one.stats !== null)
}

/** On the disk: a core has holes. */
async function bytesIn(objects: string): Promise<number> {
  return (await filesIn(objects)).reduce((sum, { stats }) => sum + stats.blocks * 512, 0)
}

async function removeUnused(objects: string, now: Date): Promise<void> {
  for (const { file, stats } of await filesIn(objects)) {
    if (stats.nlink < 2 && isOld(stats, now) && !file.endsWith('.part')) await rm(file, { force: true })
  }
}

/** Of runs that were killed, and parts that nobody has gone on with for a day. */
async function removeLeftovers(objects: string, now: Date): Promise<void> {
  for (const { file, stats } of await filesIn(objects)) {
    const isLeft = isGone(/\.(\d{1,10})-\d+\.new$/.exec(file)?.[1])
    const isForgotten = file.endsWith('.part') && isOld(stats, now, 24 * FRESH_SECONDS)
    if (isLeft || isForgotten) await rm(file, { force: true })
  }
}

function isOld({ mtimeMs }: Stats, now: Date, seconds = FRESH_SECONDS): boolean {
  return now.getTime() - mtimeMs > seconds * 1000
}
