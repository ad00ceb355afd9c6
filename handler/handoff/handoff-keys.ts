import { readlink, rm } from 'node:fs/promises'
import path from 'node:path'
import { VERSION_LINK } from '../../config/read-config.ts'
import { RUN_FILES } from '../../handoff/run-folder.ts'

/**
 * Takes off the node what gives access to the store and the chats: the configuration that the installer
 * wrote, and the credentials that it handed over. A configuration that a person wrote there stays.
 */
export async function removeHandoffKeys(configFile: string, runFolder: string): Promise<void> {
  if (await isInstalled(configFile)) await rm(path.dirname(configFile), { recursive: true, force: true })
  await rm(path.join(runFolder, RUN_FILES.credentials), { force: true })
}

/** The installer writes each version into a folder, and links to it. */
async function isInstalled(configFile: string): Promise<boolean> {
  const folder = path.basename(path.dirname(configFile))
  const target = await readlink(configFile).catch(() => null) // no link, or gone already
  return folder === 'coredog' && target === `${VERSION_LINK}/${path.basename(configFile)}`
}
