import { chmod, mkdir, rm, symlink, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { type ImageEntry, withFolders } from './image-layer.ts'

/** Writes into `folder` what a container of the image has as its root. */
export async function writeRoot(folder: string, entries: readonly ImageEntry[]): Promise<void> {
  await mkdir(folder, { recursive: true })
  await chmod(folder, 0o755)
  for (const entry of withFolders(entries)) await writeEntry(folder, entry)
}

async function writeEntry(folder: string, { path: name, content, link, mode }: ImageEntry): Promise<void> {
  const file = path.join(folder, name)
  if (link !== undefined) {
    await rm(file, { force: true })
    return await symlink(link, file)
  }
  if (content === undefined) await mkdir(file, { recursive: true })
  else await writeFile(file, content)
  // Whatever the umask is.
  await chmod(file, mode)
}
