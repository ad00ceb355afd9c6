import { appendFile, readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { orIfMissing } from '../../crash/system-error.ts'
import { saysAnotherVersion } from '../../handoff/format-version.ts'
import { encodeEntry, parseEntries } from '../../handoff/group-file.ts'

/**
 * Takes the crash `id` back from the cases in `folder` that its handler counted it for: no core was kept of
 * it, so the next one of its kind is kept in its place. Done twice, it does no harm. Resolves with the place that it
 * has in the cluster, `null` where it has none. Rejects with the errors of `node:fs`.
 */
export async function withdrawCrash(folder: string, id: string): Promise<string | null> {
  let place: string | null = null
  const names = await readdir(folder).catch(orIfMissing([]))
  for (const name of names.filter(name => /^[0-9a-f]{32}$/.test(name))) {
    const file = path.join(folder, name)
    const text = await readFile(file, 'utf8').catch(orIfMissing(''))
    // The search first: most files are of other cases.
    if (saysAnotherVersion(text)) continue
    const own = text.includes(id) ? parseEntries(text).filter(entry => entry.id === id) : []
    if (own.some(({ what }) => what === 'came'))
      await appendFile(file, encodeEntry({ what: 'withdrawn', id }))
    place = own.findLast(entry => entry.what === 'place')?.key ?? place
  }
  return place
}
