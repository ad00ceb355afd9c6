import { randomBytes } from 'node:crypto'
import { mkdir, open, rename, rm, symlink, writeFile } from 'node:fs/promises'
import path from 'node:path'

/** Reports and configurations hold what only root may read. */
const FILE_MODE = 0o600

/**
 * Writes `file` so that a reader, at any moment and after any kill, finds the old content or the new one, and
 * neither half. Makes its folder, 0700, if it is not there.
 */
export async function writeAtomic(file: string, content: string | Uint8Array): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 })
  await replace(file, temporary => writeDurably(temporary, content))
  await syncFolder(path.dirname(file))
}

/**
 * As {@link writeAtomic} where a kill may come but the machine stays: nothing is waited for until it is on
 * the disk. That takes milliseconds, and a file that is soon removed is never written there.
 */
export async function writeWhole(file: string, content: string): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 })
  await replace(file, temporary => writeFile(temporary, content, { flag: 'wx', mode: FILE_MODE }))
}

/** Makes `file` a link to `target`, in place of whatever it was: a file, or a link to somewhere else. */
export async function linkAtomic(file: string, target: string): Promise<void> {
  await replace(file, temporary => symlink(target, temporary))
  await syncFolder(path.dirname(file))
}

/** Makes it under another name first, and nothing is left of that where it cannot be had. */
async function replace(file: string, make: (temporary: string) => Promise<void>): Promise<void> {
  const temporary = temporaryIn(path.dirname(file))
  try {
    await make(temporary)
    await rename(temporary, file)
  } catch (cause) {
    await rm(temporary, { force: true })
    throw cause
  }
}

/**
 * A name for a file that is not whole yet; the installer, which removes what a kill left, knows it by its
 * end.
 */
export function temporaryIn(folder: string): string {
  return path.join(folder, `.coredog-${randomBytes(6).toString('hex')}.new`)
}

/** A new file, on the disk when it resolves; its name is once the folder is. */
export async function writeDurably(file: string, content: string | Uint8Array): Promise<void> {
  await using handle = await open(file, 'wx', FILE_MODE)
  await handle.writeFile(content)
  await handle.sync()
}

/** A rename is on the disk once its folder is. */
export async function syncFolder(folder: string): Promise<void> {
  await using handle = await open(folder, 'r')
  await handle.sync()
}
