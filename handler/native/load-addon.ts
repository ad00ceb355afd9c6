import { closeSync, constants, fstatSync, openSync, readSync, writeSync } from 'node:fs'
import path from 'node:path'
import { ADDON_NAME } from '../../crash/our-pattern.ts'
import { codeOf } from '../../crash/system-error.ts'

/** Where an addon may be loaded from, in this order. */
export interface AddonPlaces {
  /** Where the installer puts it: the directory of the handler. */
  readonly beside: string
  /** Where a file without a name can be made. Hardened nodes have them mounted noexec. */
  readonly folders: readonly string[]
}

/** What it exports and where it was loaded from, or what stood in the way. */
export type LoadedAddon =
  | { readonly exports: object; readonly from: string }
  | { readonly exports: null; readonly reason: string }

/**
 * Loads the addon `code`. The dynamic loader wants a file: the one beside the handler, from where the kernel
 * runs programs anyway, if it is this very code, byte for byte; else one that has no name and is gone with
 * the process.
 */
export function loadAddon(code: Buffer, { beside, folders }: AddonPlaces): LoadedAddon {
  const attempts: Attempt[] = [
    { place: beside, from: beside, open: () => openSame(path.join(beside, ADDON_NAME), code) },
    ...folders.map(folder => ({
      ...{ place: folder, from: `a file without a name in ${folder}` },
      open: () => write(folder, code),
    })),
  ]
  const reasons: string[] = []
  for (const { place, from, open } of attempts) {
    try {
      return { exports: loadFrom(open()), from }
    } catch (error) {
      reasons.push(`${place}: ${reasonOf(error)}`)
    }
  }
  return { exports: null, reason: reasons.join('; ') }
}

interface Attempt {
  readonly place: string
  readonly from: string
  readonly open: () => number
}

/** By the descriptor: what a name leads to may change once it was looked at. */
function loadFrom(fd: number): object {
  const module = { exports: {} }
  try {
    process.dlopen(module, `/proc/self/fd/${fd}`)
    return module.exports
  } finally {
    closeSync(fd)
  }
}

function openSame(file: string, code: Buffer): number {
  const fd = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  if (isSame(fd, code)) return fd
  closeSync(fd)
  throw new Error('it is of another version')
}

function isSame(fd: number, code: Buffer): boolean {
  const { size } = fstatSync(fd)
  if (size !== code.length) return false
  const found = Buffer.allocUnsafeSlow(size)
  return readSync(fd, found, 0, size, 0) === size && found.equals(code)
}

// open(2); Node has no name for it. The other half of it is O_DIRECTORY, which differs between machines.
const O_TMPFILE = 0o20000000 | constants.O_DIRECTORY

function write(folder: string, code: Buffer): number {
  const fd = openSync(folder, O_TMPFILE | constants.O_RDWR, 0o700)
  if (writeSync(fd, code, 0, code.length, 0) === code.length) return fd
  closeSync(fd)
  throw new Error('no room')
}

/** The loader's own words begin with the name of the file, which is none. */
function reasonOf(error: unknown): string {
  const [text = ''] = (error instanceof Error ? error.message : String(error)).split('\n')
  return codeOf(error) === 'ENOENT' ? 'it is not there' : text.replace(/^\/proc\/self\/fd\/\d+: /, '')
}
