import path from 'node:path'
import { execa } from 'execa'
import { unpackTar } from 'modern-tar'
import type { FileSource } from '../file-source.ts'
import type { Architecture } from '../node-binary.ts'
import { fetchPackages } from './packages.ts'

/** Of the packages that are pinned. */
export async function debianFiles(architecture: Architecture): Promise<FileSource> {
  return await PackageFiles.of(await fetchPackages(architecture))
}

/** What a package has under a name: a file, or where a link leads. */
type Entry = Buffer | string

// As the kernel has it: of more than that a path is said to have too many.
const MOST_LINKS = 40

/** The files of packages as they would be once these are installed, and nothing else. */
export class PackageFiles implements FileSource {
  readonly #entries: ReadonlyMap<string, Entry>

  constructor(entries: ReadonlyMap<string, Entry>) {
    this.#entries = entries
  }

  /** Of .deb files. */
  static async of(packages: readonly string[]): Promise<PackageFiles> {
    return new PackageFiles(new Map((await Promise.all(packages.map(entriesIn))).flat()))
  }

  async read(file: string): Promise<Buffer | null> {
    let wanted = path.posix.normalize(file)
    for (let links = 0; links < MOST_LINKS; links += 1) {
      const next = this.#followed(wanted)
      if (next === wanted) return this.#fileAt(wanted)
      wanted = next
    }
    return null
  }

  #fileAt(file: string): Buffer | null {
    const entry = this.#entries.get(file)
    return Buffer.isBuffer(entry) ? entry : null
  }

  /** With the first link in it followed, if there is one. */
  #followed(file: string): string {
    const names = file.split('/').slice(1)
    for (let count = 1; count <= names.length; count += 1) {
      const link = `/${names.slice(0, count).join('/')}`
      const target = this.#entries.get(link)
      if (typeof target === 'string')
        return path.posix.resolve(path.posix.dirname(link), target, ...names.slice(count))
    }
    return file
  }
}

async function entriesIn(file: string): Promise<[string, Entry][]> {
  const { stdout } = await execa('dpkg-deb', ['--fsys-tarfile', file], { encoding: 'buffer' })
  const entries = await unpackTar(stdout)
  return entries.flatMap(({ header, data }): [string, Entry][] => {
    const name = path.posix.resolve('/', header.name)
    if (header.type === 'symlink') return [[name, header.linkname ?? '']]
    return header.type === 'file' ? [[name, Buffer.from(data ?? [])]] : []
  })
}
