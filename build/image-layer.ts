import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { packTar } from 'modern-tar'

/** A file in the image, a symbolic link, or else a folder. */
export interface ImageEntry {
  /** Absolute. */
  readonly path: string
  readonly content?: Buffer | string
  /** Where a symbolic link leads. */
  readonly link?: string
  readonly mode: number
}

/** A part of the image that changes, and is fetched, by itself. */
export interface Layer {
  readonly name: string
  readonly entries: readonly ImageEntry[]
  /** A compressed tar archive. */
  readonly blob: Buffer
  /** Of the archive before it was compressed. */
  readonly diffId: string
}

/** The same entries give the same bytes, whenever and by whomever they are packed. */
export async function packLayer(name: string, entries: readonly ImageEntry[]): Promise<Layer> {
  const tar = await packTar(withFolders(entries).map(entryOf))
  const blob = await promisify(gzip)(tar)
  return { name, entries, blob, diffId: digestOf(tar) }
}

export function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`
}

/** Them, and the folders that they are in, each before what is in it. */
export function withFolders(entries: readonly ImageEntry[]): ImageEntry[] {
  return [...foldersOf(entries), ...entries].toSorted((a, b) => (a.path < b.path ? -1 : 1))
}

/** Unpacked as they are, archives without them would leave folders to the umask of the user who unpacks. */
function foldersOf(entries: readonly ImageEntry[]): ImageEntry[] {
  const named = new Set(entries.map(entry => entry.path))
  const folders = new Set(entries.flatMap(entry => parentsOf(entry.path)))
  return [...folders].filter(folder => !named.has(folder)).map(folder => ({ path: folder, mode: 0o755 }))
}

function parentsOf(file: string): string[] {
  const names = file.split('/').slice(1, -1)
  return names.map((_, index) => `/${names.slice(0, index + 1).join('/')}`)
}

function entryOf({ path, content, link, mode }: ImageEntry): Parameters<typeof packTar>[0][number] {
  const owner = { uid: 0, gid: 0, mtime: new Date(0), mode }
  const name = path.slice(1)
  if (link !== undefined) return { header: { ...owner, name, type: 'symlink', linkname: link, size: 0 } }
  if (content === undefined) return { header: { ...owner, name: `${name}/`, type: 'directory', size: 0 } }
  const body = Buffer.from(content)
  return { header: { ...owner, name, type: 'file', size: body.length }, body }
}
