import { type BigIntStats, constants } from 'node:fs'
import { type FileHandle, lstat, open, opendir, rmdir, unlink } from 'node:fs/promises'
import { messageOf, OperatorError } from '../crash/errors.ts'
import { codeOf, insteadOf } from '../crash/system-error.ts'

// From Linux' asm-generic/fcntl.h; Node has no name for it. Such a descriptor stands for the file and opens
// nothing.
const O_PATH = 0o10000000
const { O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK, O_NOCTTY, O_RDONLY, O_WRONLY } = constants

/**
 * An opened directory that a container may write to. What is done in it goes through its descriptor: a
 * container that renames it or puts a symbolic link in its place meanwhile changes nothing. No symbolic link
 * is ever followed.
 *
 * A name is bytes, and a process chooses those of its core. Here they are a string with a character a byte
 * (latin1).
 */
export class UntrustedDirectory implements AsyncDisposable {
  readonly #handle: FileHandle

  private constructor(handle: FileHandle) {
    this.#handle = handle
  }

  /** The directory at `path`, which an operator chose; only its last name must not be a link. */
  static async open(path: string): Promise<UntrustedDirectory> {
    try {
      return new UntrustedDirectory(await open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW))
    } catch (cause) {
      throw new OperatorError(
        `Cannot open the directory of cores "${path}": ${codeOf(cause) || messageOf(cause)}`,
        'Make fallback.dumpsDir a directory, not a link, on a file system that the installer can write.',
        cause,
      )
    }
  }

  /** The directory `name` in this one, or `null` if that is none (any more). */
  async enter(name: string): Promise<UntrustedDirectory | null> {
    const handle = await unlessGone(open(this.#at(name), O_RDONLY | O_DIRECTORY | O_NOFOLLOW))
    return handle === null ? null : new UntrustedDirectory(handle)
  }

  /**
   * The directory below this one at `segments`, however deep; `null` if it is gone. Does not close this one.
   */
  async descend(segments: readonly string[]): Promise<UntrustedDirectory | null> {
    let here = await this.enter('.')
    for (const segment of segments) {
      const above: UntrustedDirectory | null = here
      here = above === null ? null : await above.enter(segment)
      await above?.[Symbol.asyncDispose]()
    }
    return here
  }

  async *names(): AsyncGenerator<string> {
    const list = await opendir(this.path, { encoding: 'latin1', bufferSize: 512 })
    for await (const { name } of list) yield name
  }

  /** What `name` is, a link itself and not what it points at; `null` if it is gone. */
  async stat(name: string): Promise<BigIntStats | null> {
    return unlessGone(lstat(this.#at(name), { bigint: true }))
  }

  /** Of this directory itself. */
  async statSelf(): Promise<BigIntStats> {
    return this.#handle.stat({ bigint: true })
  }

  /**
   * The regular file `name`, to be read from its beginning; `null` if it is gone or anything else. It is
   * looked at before it is opened: a device could do something when it is, and a container may make them.
   */
  async openFile(name: string): Promise<FileHandle | null> {
    await using place = await unlessGone(open(this.#at(name), O_PATH | O_NOFOLLOW))
    if (place === null || !(await place.stat()).isFile()) return null
    return await open(descriptorPath(place), O_RDONLY | O_NONBLOCK | O_NOCTTY)
  }

  async chmod(mode: number): Promise<void> {
    await this.#handle.chmod(mode)
  }

  async removeFile(name: string): Promise<void> {
    await unlink(this.#at(name))
  }

  /** Fails unless it is empty. */
  async removeDirectory(name: string): Promise<void> {
    await rmdir(this.#at(name))
  }

  /** Leads here whatever this directory is called by now, as long as it is open. */
  get path(): string {
    return descriptorPath(this.#handle)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#handle.close()
  }

  #at(name: string): Buffer {
    return Buffer.concat([Buffer.from(`${this.path}/`), Buffer.from(name, 'latin1')])
  }
}

/** Leaves nothing of an opened file, which stays where it is. */
export async function emptyFile(opened: FileHandle): Promise<void> {
  await using writable = await open(descriptorPath(opened), O_WRONLY | O_NONBLOCK)
  await writable.truncate(0)
}

function descriptorPath({ fd }: FileHandle): string {
  return `/proc/self/fd/${fd}`
}

// ELOOP, ENOTDIR: something else has its name by now. ENXIO: a socket.
const GONE = ['ENOENT', 'ELOOP', 'ENOTDIR', 'ENXIO']

async function unlessGone<T>(asked: Promise<T>): Promise<T | null> {
  return asked.catch(insteadOf(GONE, null))
}
