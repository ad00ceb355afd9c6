import { lstat, readdir, readFile, rm } from 'node:fs/promises'
import path from 'node:path'
import { orIfMissing } from '../crash/system-error.ts'
import { saysAnotherVersion } from './format-version.ts'

/**
 * Of one workload, files of groups and links to them: one that has another group with each crash pushes out its own.
 */
const MOST_OF_WORKLOAD = 64
/** Of one namespace, which may make as many workloads as it likes. */
const MOST_OF_TENANT = 1024

/**
 * Makes room in the folder of a tenant for one name more that begins with `prefix`: what was quiet for longest goes.
 * Resolves with whether there is any. Rejects with the errors of `node:fs`.
 */
export async function makeSeenRoom(folder: string, prefix: string): Promise<boolean> {
  const names = (await readdir(folder)).filter(name => !name.startsWith('.'))
  const own = names.filter(name => name.startsWith(prefix))
  const [over, overAll] = [own.length + 1 - MOST_OF_WORKLOAD, names.length + 1 - MOST_OF_TENANT]
  return over > 0 ? await removeQuietest(folder, own, over) : await removeQuietest(folder, names, overAll)
}

/** Resolves with whether `count` of them could go: files of another release stay. */
async function removeQuietest(folder: string, names: readonly string[], count: number): Promise<boolean> {
  let left = Math.max(0, count)
  const files = left === 0 ? [] : await byTime(names.map(name => path.join(folder, name)))
  for (const file of files) {
    if (left === 0) break
    if (await isOfAnotherRelease(file)) continue
    await rm(file, { force: true })
    left -= 1
  }
  return left === 0
}

async function byTime(files: readonly string[]): Promise<readonly string[]> {
  const changed = files.map(async file => {
    const { mtimeMs = 0 } = (await lstat(file).catch(orIfMissing(null))) ?? {}
    return { file, mtimeMs }
  })
  return (await Promise.all(changed))
    .toSorted((one, other) => one.mtimeMs - other.mtimeMs)
    .map(({ file }) => file)
}

/** Of a link, what it leads to. */
async function isOfAnotherRelease(file: string): Promise<boolean> {
  return saysAnotherVersion(await readFile(file, 'latin1').catch(orIfMissing('')))
}
