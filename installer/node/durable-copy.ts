import { open } from 'node:fs/promises'
import { HANDLER_NAME } from '../../crash/our-pattern.ts'
import { filePieces } from './file-pieces.ts'

/** What the names of files begin with that a killed installer left half-written. */
export const LEFTOVER = `.${HANDLER_NAME}.`

/** A program: the file is on the disk before it gets its name. */
export async function copyDurably(source: string, target: string): Promise<void> {
  await using handle = await open(target, 'wx', 0o755)
  await handle.chmod(0o755)
  // Not copyFile: it does not sync.
  for await (const piece of filePieces(source)) await handle.writeFile(piece)
  await handle.sync()
}

/** So that what was renamed in it is, after a power cut as well. */
export async function syncFolder(folder: string): Promise<void> {
  await using handle = await open(folder, 'r')
  await handle.sync()
}
