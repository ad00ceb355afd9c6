import { randomBytes } from 'node:crypto'
import { link, mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import {
  decodeOriginalSysctls,
  encodeOriginalSysctls,
  ORIGINAL_SYSCTLS_FILE,
  type OriginalSysctls,
} from '../crash/original-sysctls.ts'
import type { Node } from './node.ts'

/** What is known of the settings that were there before us. */
export type Original =
  | { readonly is: 'kept'; readonly sysctls: OriginalSysctls }
  | { readonly is: 'missing' }
  | { readonly is: 'corrupt' }

export async function readOriginal({ host, places }: Node): Promise<Original> {
  const text = await textOf(host.path(path.join(places.stateFolder, ORIGINAL_SYSCTLS_FILE)))
  if (text === null) return { is: 'missing' }
  const sysctls = decodeOriginalSysctls(text)
  return sysctls === null ? { is: 'corrupt' } : { is: 'kept', sysctls }
}

/**
 * Keeps `sysctls` for as long as we are on the node. What is kept already stays, unless it is corrupt:
 * it is linked into place whole, and a link, unlike a rename, never replaces.
 */
export async function saveOriginal(node: Node, sysctls: OriginalSysctls): Promise<void> {
  const { host, places } = node
  const folder = host.path(places.stateFolder)
  const file = path.join(folder, ORIGINAL_SYSCTLS_FILE)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const temporary = path.join(folder, `.coredog-${randomBytes(6).toString('hex')}.new`)
  try {
    await writeNew(temporary, encodeOriginalSysctls(sysctls))
    const { is } = await readOriginal(node)
    if (is === 'corrupt') await rename(temporary, file)
    if (is === 'missing') await link(temporary, file)
  } finally {
    await rm(temporary, { force: true })
  }
  await syncFolder(folder)
}

async function writeNew(file: string, text: string): Promise<void> {
  await using handle = await open(file, 'wx', 0o600)
  await handle.writeFile(text)
  await handle.sync()
}

async function syncFolder(folder: string): Promise<void> {
  await using handle = await open(folder, 'r')
  await handle.sync()
}

async function textOf(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}
