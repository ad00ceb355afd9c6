import { link, lstat, unlink } from 'node:fs/promises'
import { codeOf, orIfMissing } from '../../crash/system-error.ts'
import { partialName } from './file-object.ts'
import type { StoreDirectory } from './store-directory.ts'

/** link(2) replaces nothing. */
export async function putIfNew(
  directory: StoreDirectory,
  name: string,
  body: Uint8Array,
): Promise<'won' | 'refused'> {
  if ((await lstat(directory.at(name)).catch(orIfMissing(null))) !== null) return 'refused'
  const begun = partialName()
  try {
    await write(directory, begun, body)
    const outcome = await linked(directory, begun, name)
    await directory.sync()
    return outcome
  } finally {
    await unlink(directory.at(begun)).catch(orIfMissing(undefined))
  }
}

async function write(directory: StoreDirectory, name: string, body: Uint8Array): Promise<void> {
  await using file = await directory.createFile(name)
  await file.writeFile(body)
  await file.sync()
}

async function linked(directory: StoreDirectory, begun: string, name: string): Promise<'won' | 'refused'> {
  try {
    await link(directory.at(begun), directory.at(name))
    return 'won'
  } catch (cause) {
    // A client of NFS that lost the answer asks again, and is refused by its own link: see open(2).
    if ((await lstat(directory.at(begun))).nlink === 2) return 'won'
    if (codeOf(cause) === 'EEXIST') return 'refused'
    throw cause
  }
}
