import path from 'node:path'
import { readElfHeader } from '../crash/elf.ts'
import type { FileSource } from './file-source.ts'
import { readNeeds } from './program-needs.ts'

// Where the loaders of Debian and of the Red Hat family look without being told (ld.so(8)).
const FOLDERS = [
  '/lib/x86_64-linux-gnu',
  '/usr/lib/x86_64-linux-gnu',
  '/lib/aarch64-linux-gnu',
  '/usr/lib/aarch64-linux-gnu',
  '/lib64',
  '/usr/lib64',
  '/lib',
  '/usr/lib',
]

// What the C library opens by itself to look up a name. Since 2.34 it has them built in.
const OPENED_LATER = ['libnss_dns.so.2', 'libnss_files.so.2', 'libresolv.so.2']

/**
 * The files of `source` that `programs` cannot start without: loaders, libraries, and what those need in turn. Each by
 * the path at which its loader will find it.
 */
export async function librariesOf(
  programs: readonly Buffer[],
  source: FileSource,
): Promise<Map<string, Buffer>> {
  const found = new Map<string, Buffer>()
  const waiting = [...programs]
  for (let program = waiting.pop(); program !== undefined; program = waiting.pop()) {
    const { machine } = readElfHeader(program) ?? {}
    for (const [file, library] of await librariesFor(program, source)) {
      if (found.has(file)) continue
      if (readElfHeader(library)?.machine !== machine)
        throw new Error(`Cannot use "${file}": another machine's`)
      found.set(file, library)
      waiting.push(library)
    }
  }
  return found
}

/** A file, and what is in it. */
type Library = readonly [file: string, content: Buffer]

async function librariesFor(program: Buffer, source: FileSource): Promise<Library[]> {
  const { loader, libraries } = readNeeds(program)
  // A library may name its loader, which has been found by its path then.
  const names = libraries.filter(name => !name.startsWith('ld-linux'))
  const needed = await Promise.all([
    ...(loader === null ? [] : [findIn([path.dirname(loader)], path.basename(loader), source)]),
    ...names.map(name => findIn(FOLDERS, name, source)),
  ])
  return names.includes('libc.so.6') ? [...needed, ...(await openedLater(source))] : needed
}

async function openedLater(source: FileSource): Promise<Library[]> {
  const found = await Promise.all(OPENED_LATER.map(name => lookIn(FOLDERS, name, source)))
  return found.filter(library => library !== null)
}

async function findIn(folders: readonly string[], name: string, source: FileSource): Promise<Library> {
  const found = await lookIn(folders, name, source)
  if (found === null) throw new Error(`Cannot find "${name}" in ${folders.join(', ')}`)
  return found
}

async function lookIn(folders: readonly string[], name: string, source: FileSource): Promise<Library | null> {
  for (const folder of folders) {
    const file = path.join(folder, name)
    const content = await source.read(file)
    if (content !== null) return [file, content]
  }
  return null
}
