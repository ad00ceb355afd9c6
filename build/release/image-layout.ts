import { mkdir, readFile, rm } from 'node:fs/promises'
import path from 'node:path'
import { digestOf } from '../image-layer.ts'
import { runTool } from './tool.ts'

/** An OCI image layout in a folder, and what a registry will call what is in it. */
export interface ImageLayout {
  readonly folder: string
  readonly digest: string
  /** Whether what is pushed is the index of the layout itself, and not the one thing that it names. */
  readonly isWhole: boolean
}

export async function readLayout(folder: string): Promise<ImageLayout> {
  const index = await readFile(path.join(folder, 'index.json'))
  const { manifests }: { manifests: readonly { readonly digest: string }[] } = JSON.parse(`${index}`)
  const [only, ...others] = manifests
  if (only === undefined) throw new Error(`Cannot push "${folder}": there is no image in it`)
  if (others.length === 0) return { folder, digest: only.digest, isWhole: false }
  return { folder, digest: digestOf(index), isWhole: true }
}

/** Unpacks an OCI archive, as `npm run image` makes it. */
export async function unpackArchive(archive: string, folder: string): Promise<ImageLayout> {
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  await runTool('tar', ['-xf', archive, '-C', folder, '--no-same-owner'])
  return await readLayout(folder)
}
