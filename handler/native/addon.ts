import path from 'node:path'
import { addonCode } from './addon-code.ts'
import { type AddonPlaces, loadAddon } from './load-addon.ts'

/** What Node cannot do by itself: `addon.c`, over Intel's ISA-L. */
export interface Addon {
  /** Of ISA-L. */
  readonly version: string
  /**
   * `block` as a piece of a raw deflate stream that ends on a byte boundary, at the beginning of `output`,
   * and its CRC-32. It is made on libuv's pool; until then neither of them may be detached or changed.
   * Rejects if it does not fit: see {@link largestDeflated}.
   */
  deflate(block: Uint8Array, output: Uint8Array): Promise<Deflated>
  /** From now on glibc gives memory back to the node at once, where it was 128 KiB or more. */
  freeAtOnce(): void
  /**
   * What glibc has free goes back to the node, and so do the pages of our own program, which come again from
   * its file when they are needed.
   */
  giveBack(): void
  /**
   * Reads until `lengthBytes` are there, the file ends, or the time is over. Whether `fd` blocks makes no
   * difference.
   */
  read(fd: number, buffer: Uint8Array, at: number, lengthBytes: number, milliseconds: number): ReadBytes
  /**
   * Starts a program in other namespaces, in this order, below another root: all of them descriptors. `command` is its
   * words, each with a NUL behind it. Of our own descriptors it gets `kept`, by their numbers, and the standard ones;
   * no environment. Returns once it runs, which is waited for at most five seconds. It is no child of ours.
   */
  startIn(namespaces: readonly number[], root: number, command: Uint8Array, kept: readonly number[]): void
}

export interface Deflated {
  readonly storedBytes: number
  readonly crc32: number
}

export interface ReadBytes {
  readonly bytes: number
  /** Nothing more will come. */
  readonly isEnd: boolean
}

/** What cannot be compressed grows: by five bytes in 65,535, and what ends a piece. */
export function largestDeflated(sourceBytes: number): number {
  return sourceBytes + 5 * Math.ceil(sourceBytes / 65_535) + 16
}

/** `null`: it cannot be loaded, and all has to go without it. It is loaded when it is first asked for. */
export function addon(): Addon | null {
  return found().addon
}

/** Which program compresses by gzip, for people. */
export function gzipEngine(): string {
  return `gzip by ${found().words}`
}

interface Found {
  readonly addon: Addon | null
  readonly words: string
}

let once: Found | undefined

function found(): Found {
  once ??= find(addonCode(), {
    beside: path.dirname(process.execPath),
    folders: ['/run', '/dev/shm', '/tmp'],
  })
  return once
}

/** `code` is null where the handler was built without. */
export function find(code: Buffer | null, places: AddonPlaces): Found {
  if (code === null) return { addon: null, words: 'zlib: built without ISA-L' }
  const loaded = loadAddon(code, places)
  if (loaded.exports === null) return { addon: null, words: `zlib: ISA-L cannot be loaded: ${loaded.reason}` }
  // addon.c exports these.
  const native = loaded.exports as Native
  native.freeAtOnce()
  const addon = { ...native, read: (...what: Parameters<Addon['read']>) => readBytes(native.read(...what)) }
  return { addon, words: `ISA-L ${native.version}, from ${loaded.from}` }
}

interface Native extends Omit<Addon, 'read'> {
  /** At the end of the file -1 - bytes. */
  read(...what: Parameters<Addon['read']>): number
}

function readBytes(said: number): ReadBytes {
  return said < 0 ? { bytes: -1 - said, isEnd: true } : { bytes: said, isEnd: false }
}
