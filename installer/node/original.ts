import { link, mkdir, readFile, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { orIfMissing } from '../../crash/system-error.ts'
import { syncFolder, temporaryIn, writeDurably } from '../../durable/atomic-file.ts'
import { saysAnotherVersion } from '../../handoff/format-version.ts'
import {
  decodeOriginalSysctls,
  encodeOriginalSysctls,
  ORIGINAL_SYSCTLS_FILE,
  type OriginalSysctls,
} from '../../handoff/original-sysctls.ts'
import type { Node } from './node.ts'

/** What is known of the settings that were there before us. */
export type Original =
  | { readonly is: 'kept'; readonly sysctls: OriginalSysctls }
  | { readonly is: 'missing' }
  | { readonly is: 'corrupt' }
  /** The release that wrote it knows; it stays for that one. */
  | { readonly is: 'of another version' }

export async function readOriginal({ host, places }: Node): Promise<Original> {
  const file = host.path(path.join(places.stateFolder, ORIGINAL_SYSCTLS_FILE))
  const text = await readFile(file, 'utf8').catch(orIfMissing(null))
  if (text === null) return { is: 'missing' }
  const sysctls = decodeOriginalSysctls(text)
  if (sysctls !== null) return { is: 'kept', sysctls }
  return { is: saysAnotherVersion(text) ? 'of another version' : 'corrupt' }
}

/**
 * Keeps `sysctls` for as long as we are on the node. What is kept already stays, unless it is corrupt: it is
 * linked into place whole, and a link, unlike a rename, never replaces.
 */
export async function saveOriginal(node: Node, sysctls: OriginalSysctls): Promise<void> {
  const { host, places } = node
  const folder = host.path(places.stateFolder)
  const file = path.join(folder, ORIGINAL_SYSCTLS_FILE)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const temporary = temporaryIn(folder)
  try {
    await writeDurably(temporary, encodeOriginalSysctls(sysctls))
    const { is } = await readOriginal(node)
    if (is === 'corrupt') await rename(temporary, file)
    if (is === 'missing') await link(temporary, file)
  } finally {
    await rm(temporary, { force: true })
  }
  await syncFolder(folder)
}
