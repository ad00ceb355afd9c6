import { closeSync, constants, fstatSync, mkdirSync, openSync } from 'node:fs'
import path from 'node:path'

const { O_DIRECTORY, O_NOFOLLOW, O_RDONLY } = constants
const WRITABLE_BY_OTHERS = 0o022

/** A folder of ours alone, by its descriptor: no other process can put another one in its place. */
export class OwnFolder implements Disposable {
  readonly #fd: number

  private constructor(fd: number) {
    this.#fd = fd
  }

  /** Makes `folder`, 0700, if it is not there. Throws the errors of `node:fs`, and if others may write to it. */
  static open(folder: string): OwnFolder {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    const fd = openSync(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
    const { uid, mode } = fstatSync(fd)
    if (uid === process.geteuid?.() && (mode & WRITABLE_BY_OTHERS) === 0) return new OwnFolder(fd)
    closeSync(fd)
    throw new Error(`Cannot use "${folder}": others may write to it`)
  }

  /** Short, whatever the folder is called: the path of a socket may have 107 bytes only. */
  at(name: string): string {
    return path.posix.join(`/proc/self/fd/${this.#fd}`, name)
  }

  [Symbol.dispose](): void {
    closeSync(this.#fd)
  }
}
