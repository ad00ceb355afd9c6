import { close, constants, fstat, open as openWithCallback } from 'node:fs'
import { type FileHandle, open, readdir, readlink } from 'node:fs/promises'
import { promisify } from 'node:util'
import { filesInMaps, type MappedFile } from '../../crash/mapped-file.ts'
import { codeOf } from '../../crash/system-error.ts'
import { backWithin } from '../../time/left-behind.ts'
import { OneByOne } from '../../time/one-by-one.ts'
import { shownText } from '../../untrusted/shown-text.ts'

/**
 * The part of proc(5) that the handler looks at, texts as {@link shownText} has them. A fake is a table of
 * texts.
 */
export interface Proc {
  /** The file's text, at most `maxBytes` of it, or `null` if it cannot be read. */
  read(path: string, maxBytes: number): Promise<string | null>
  /** Where the link points, or `null`. */
  link(path: string): Promise<string | null>
  /** At most `most` of the names in a folder; none if it cannot be read. */
  names(path: string, most: number): Promise<readonly string[]>
  /** The files in a process's memory; `path` is its `maps` file. `null`: it cannot be read. */
  mappedFiles(path: string): Promise<readonly MappedFile[] | null>
  /**
   * At most `lengthBytes` of a process's memory from the address `at` on, or `null`; `path` is its `mem`
   * file.
   */
  memory(path: string, at: bigint, lengthBytes: number): Promise<Buffer | null>
  /** The same, opened once: it is the memory of that process also when its id is another's. `null`: it cannot be. */
  openMemory(path: string): Promise<OpenMemory | null>
  /** Opens what `path`, one of its `map_files`, leads to, if that is a regular file; `null`: it cannot. */
  open(path: string): Promise<OpenFile | null>
}

/** A file that its opener closes. */
export interface OpenFile {
  readonly fd: number
  readonly sizeBytes: number
}

/** The memory of a process, as long as it is there. Who opens it closes it. */
export interface OpenMemory {
  /**
   * Fills `into` with what is from the address `at` on, and returns how many bytes came; none: there is nothing more
   * of the process. `null`: that cannot be read. Rejects if it does not come back in time, or one before it did not:
   * `into` may be written to later then.
   */
  read(at: bigint, into: Buffer): Promise<number | null>
  close(): void
}

/** They lie where the process has them, which may be a mapping of a file. */
const IN_MEMORY = /\/(?:cmdline|environ)$/

/**
 * The node's own /proc. A read that hangs (the command line of a process lies in its memory, which may be on
 * a network file system that went away) is given up after `deadlineSeconds`, and keeps the process from
 * ending. Of memory and of mapped files, which are many and where a tenant has them, one is asked at a time.
 */
export function nodeProc(deadlineSeconds: number): Proc {
  const inTime = <T>(reading: Promise<T | null>) =>
    backWithin(
      reading.catch(() => null),
      deadlineSeconds,
    )
  const [memory, files] = [new OneByOne(deadlineSeconds), new OneByOne(deadlineSeconds)]
  const ofMemory = <T>(call: () => Promise<T>) => memory.ask(call).catch(() => null)
  return {
    read: (path, maxBytes) =>
      IN_MEMORY.test(path) ? ofMemory(() => readStart(path, maxBytes)) : inTime(readStart(path, maxBytes)),
    link: path => inTime(readlink(path, 'buffer').then(shownText)),
    names: async (path, most) => ((await inTime(readdir(path))) ?? []).slice(0, most),
    mappedFiles: path => inTime(readMappedFiles(path)),
    memory: (path, at, lengthBytes) => ofMemory(() => readMemory(path, at, lengthBytes)),
    openMemory: path => openMemoryIn(memory, path),
    open: path => openIn(files, path),
  }
}

async function readStart(path: string, maxBytes: number): Promise<string> {
  await using file = await open(path, 'r')
  const chunks: Buffer[] = []
  let left = maxBytes
  while (left > 0) {
    // Files in /proc have no size, and give at most a page or so at once.
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(Math.min(left, 65536)), 0, null, null)
    if (bytesRead === 0) break
    chunks.push(buffer.subarray(0, bytesRead))
    left -= bytesRead
  }
  return shownText(Buffer.concat(chunks))
}

// Not a FileHandle: it goes to another thread, and is closed when it is collected as garbage. And none of it
// synchronously: the file may lie on a file system of the tenant's own making.
const [openFd, statsOf, closeFd] = [promisify(openWithCallback), promisify(fstat), promisify(close)]

async function openIn(files: OneByOne, path: string): Promise<OpenFile | null> {
  let opening: Promise<OpenFile | null> | undefined
  const opened = files.ask(() => {
    opening = openRegular(path)
    return opening
  })
  const file = await opened.catch(() => null)
  if (file === null) void opening?.then(late => late && closeFd(late.fd)).catch(() => undefined)
  return file
}

async function openRegular(path: string): Promise<OpenFile | null> {
  const fd = await openFd(path, constants.O_RDONLY | constants.O_NONBLOCK)
  const stats = await statsOf(fd)
  if (stats.isFile()) return { fd, sizeBytes: stats.size }
  await closeFd(fd)
  return null
}

async function readMemory(path: string, at: bigint, lengthBytes: number): Promise<Buffer> {
  await using file = await open(path, 'r')
  const memory = Buffer.alloc(lengthBytes)
  const { bytesRead } = await file.read(memory, 0, lengthBytes, at)
  return memory.subarray(0, bytesRead)
}

async function openMemoryIn(memory: OneByOne, path: string): Promise<OpenMemory | null> {
  const file = await memory.ask(() => open(path, 'r')).catch(() => null)
  if (file === null) return null
  return {
    read: async (at, into) => {
      const back = await memory.ask(() => readInto(file, at, into))
      if (back === null) throw new Error(`${path} did not come back in time`)
      return back.bytes
    },
    close: () => void file.close().catch(() => undefined),
  }
}

// pread(2) takes an offset with a sign: the kernel's half, as [vsyscall] of x86-64, cannot be asked for.
const HIGHEST_ADDRESS = 2n ** 63n - 1n

async function readInto(file: FileHandle, at: bigint, into: Buffer): Promise<{ bytes: number | null }> {
  if (at > HIGHEST_ADDRESS) return { bytes: null }
  try {
    return { bytes: (await file.read(into, 0, into.length, at)).bytesRead }
  } catch (error) {
    // Of a page that is not to be had; all else is wrong for good.
    if (codeOf(error) === 'EIO') return { bytes: null }
    throw error
  }
}

// A process may have a million mappings, where an administrator has raised vm.max_map_count. Those of
// libraries come last.
const LARGEST_MAPS_BYTES = 128 * 1024 * 1024
const MOST_MAPPED_FILES = 262_144
const LINE_FEED = 0x0a

async function readMappedFiles(path: string): Promise<readonly MappedFile[]> {
  await using file = await open(path, 'r')
  const files: MappedFile[] = []
  const buffer = Buffer.allocUnsafe(65536)
  let [begun, seenBytes] = [Buffer.alloc(0), 0]
  while (seenBytes < LARGEST_MAPS_BYTES && files.length < MOST_MAPPED_FILES) {
    const { bytesRead } = await file.read(buffer, 0, buffer.length, null)
    if (bytesRead === 0) break
    seenBytes += bytesRead
    const lines = Buffer.concat([begun, buffer.subarray(0, bytesRead)])
    const end = lines.lastIndexOf(LINE_FEED) + 1
    files.push(...filesInMaps(lines.subarray(0, end)))
    begun = lines.subarray(end)
  }
  return files
}
