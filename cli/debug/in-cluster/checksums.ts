import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'

/** What is in a folder. */
export interface FolderContents {
  /** What has two names counts once, and holes as what they are read as. */
  readonly sizeBytes: number
  /** Relative names of all files, those of one and the same together. */
  readonly files: readonly (readonly string[])[]
}

export async function contentsOf(folder: string): Promise<FolderContents> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const byInode = new Map<number, { sizeBytes: number; names: string[] }>()
  for (const entry of entries.filter(entry => entry.isFile())) {
    const file = path.join(entry.parentPath, entry.name)
    const { ino, size } = await stat(file)
    const known = byInode.get(ino) ?? { sizeBytes: size, names: [] }
    known.names.push(path.relative(folder, file))
    byInode.set(ino, known)
  }
  const found = [...byInode.values()]
  const sizeBytes = found.reduce((sum, file) => sum + file.sizeBytes, 0)
  return { sizeBytes, files: found.map(({ names }) => names) }
}

/** As sha256sum(1) writes and reads it. */
export async function checksumsOf(
  folder: string,
  { files }: FolderContents,
  signal: AbortSignal,
): Promise<string> {
  const lines: string[] = []
  for (const names of files) {
    const hash = createHash('sha256')
    await pipeline(createReadStream(path.join(folder, names[0] ?? '')), hash, { signal })
    const digest = hash.digest('hex')
    lines.push(...names.map(name => `${digest}  ${name}\n`))
  }
  return lines.join('')
}
