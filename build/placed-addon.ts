import { copyFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { makeAddon } from './addon.ts'
import { ADDON_ASSET } from './addon-asset.ts'
import type { Architecture } from './node-binary.ts'

/** The license of what is in the addon, among the files that esbuild writes for packages. */
export const ADDON_LICENSE = 'isa-l.LEGAL.txt'

/** Puts the addon among the handler's scripts, in `folder`; where it cannot be made, says so. */
export async function placeAddon(folder: string, architecture: Architecture): Promise<void> {
  const asset = path.join(folder, ADDON_ASSET)
  const license = path.join(folder, ADDON_LICENSE)
  const made = await makeAddon(architecture)
  if ('lacks' in made) {
    if (process.env.COREDOG_REQUIRE_ADDON === '1')
      throw new Error(`Cannot make the handler's addon for ${architecture}: ${made.lacks}`)
    process.stdout.write(`No ISA-L for ${architecture}: ${made.lacks}; gzip by zlib, which is slower\n`)
    await writeFile(asset, '')
    return rm(license, { force: true })
  }
  await copyFile(made.file, asset)
  await copyFile(made.license, license)
}
