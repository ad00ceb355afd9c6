import { constants } from 'node:fs'
import { type FileHandle, mkdir, open } from 'node:fs/promises'
import { codeOf } from '../../crash/system-error.ts'

const { O_CREAT, O_DIRECTORY, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_WRONLY } = constants

const DIRECTORY_MODE = 0o750
const FILE_MODE = 0o640

/**
 * An open directory of the store, and what is done to its children. No step follows a symbolic link, so
 * another writer of the shared file system cannot lead us out of it, however well it times it. Errors are
 * those of `node:fs`: a link where a directory should be is ENOTDIR or ELOOP.
 */
export class StoreDirectory implements AsyncDisposable {
  readonly #handle: FileHandle

  private constructor(handle: FileHandle) {
    this.#handle = handle
  }

  /** Follows links: `path` is the administrator's own word. */
  static async open(path: string): Promise<StoreDirectory> {
    return new StoreDirectory(await open(path, O_RDONLY | O_DIRECTORY))
  }

  /** Node has no openat(2). Linux has this instead: see proc_pid_fd(5). */
  at(name: string): string {
    return `/proc/self/fd/${this.#handle.fd}/${name}`
  }

  async child(name: string): Promise<StoreDirectory> {
    return new StoreDirectory(await open(this.at(name), O_RDONLY | O_DIRECTORY | O_NOFOLLOW))
  }

  /** As `child`, but makes it if it is not there. */
  async ensureChild(name: string): Promise<StoreDirectory> {
    try {
      await mkdir(this.at(name), DIRECTORY_MODE)
      await this.sync()
    } catch (cause) {
      if (codeOf(cause) !== 'EEXIST') throw cause
    }
    return this.child(name)
  }

  /** Fails with EEXIST where there is anything of that name. */
  async createFile(name: string): Promise<FileHandle> {
    return open(this.at(name), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, FILE_MODE)
  }

  async openForWriting(name: string): Promise<FileHandle> {
    return open(this.at(name), O_WRONLY | O_NOFOLLOW | O_NONBLOCK)
  }

  /** Does not wait for a writer if it is a FIFO; the caller looks what it got. */
  async openFile(name: string): Promise<FileHandle> {
    return open(this.at(name), O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
  }

  /** Makes new and renamed names durable. Some network and FUSE file systems have no such call. */
  async sync(): Promise<void> {
    try {
      await this.#handle.sync()
    } catch (cause) {
      if (!['EINVAL', 'ENOTSUP', 'EBADF'].includes(codeOf(cause))) throw cause
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#handle.close()
  }
}
