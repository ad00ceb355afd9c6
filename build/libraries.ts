import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { readElfHeader } from '../crash/elf.ts'
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
 * The files of this machine that `programs` cannot start without: loaders, libraries, and what those need
 * in turn. Each by the path at which its loader will find it.
 */
export async function librariesOf(programs: readonly Buffer[]): Promise<Map<string, Buffer>> {
  const found = new Map<string, Buffer>()
  const waiting = [...programs]
  for (let program = waiting.pop(); program !== undefined; program = waiting.pop()) {
    const { machine } = readElfHeader(program) ?? {}
    for (const file of await filesFor(program)) {
      if (found.has(file)) continue
      const library = await readFile(file)
      if (readElfHeader(library)?.machine !== machine)
        throw new Error(`Cannot use "${file}": another machine's`)
      found.set(file, library)
      waiting.push(library)
    }
  }
  return found
}

async function filesFor(program: Buffer): Promise<string[]> {
  const { loader, libraries } = readNeeds(program)
  const ordinary = libraries.filter(name => !isLoader(name))
  const later = ordinary.includes('libc.so.6') ? OPENED_LATER.filter(isThere) : []
  return [...(loader === null ? [] : [loader]), ...[...ordinary, ...later].map(placeOf)]
}

/** A library may name its loader, which has been found by its path then. */
function isLoader(name: string): boolean {
  return name.startsWith('ld-linux')
}

function isThere(name: string): boolean {
  return FOLDERS.some(folder => existsSync(path.join(folder, name)))
}

function placeOf(name: string): string {
  const folder = FOLDERS.find(each => existsSync(path.join(each, name)))
  if (folder === undefined) throw new Error(`Cannot find "${name}" in ${FOLDERS.join(', ')}`)
  return path.join(folder, name)
}
