import { randomBytes } from 'node:crypto'
import type { Dirent } from 'node:fs'
import { lstat, readdir, rename, unlink } from 'node:fs/promises'
import path from 'node:path'
import type { Readable } from 'node:stream'
import type { FileStorageConfig } from '../config/config.ts'
import { OperatorError } from '../crash/errors.ts'
import { LeftBehindError } from './diagnosis.ts'
import { codeOf, Directory } from './directory.ts'
import { NotFoundError, StoreError, type StoreOperation } from './errors.ts'
import { Interruption } from './interruption.ts'
import { fullKey, joined } from './key.ts'
import type { Bytes, ObjectInfo, ObjectStore } from './object-store.ts'

// A handler that was killed leaves one behind; the name says whose it is and that it may go.
const PARTIAL = /^\.coredog-[0-9a-f]{16}\.partial$/

/** Whether a file of this name is an object that was never finished. `list` does not show it. */
export function isPartial(name: string): boolean {
  return PARTIAL.test(name)
}

/**
 * A directory of a mounted file system: CFS, NFS. An object gets its name when it is whole and on
 * the disk. The mount path itself is never made: without the mount it would be on the node's disk.
 */
export class FileStore implements ObjectStore {
  readonly #config: FileStorageConfig

  constructor(config: FileStorageConfig) {
    this.#config = config
  }

  async put(key: string, body: Bytes): Promise<void> {
    await this.#explained('put', key, async () => {
      const { directories, name } = this.#split(key)
      await using directory = await this.#enter(directories, (parent, child) => parent.ensureChild(child))
      await write(directory, name, body)
    })
  }

  async get(key: string): Promise<Readable> {
    return this.#explained('get', key, async () => {
      const { directories, name } = this.#split(key)
      await using directory = await this.#enter(directories, (parent, child) => parent.child(child))
      const file = await directory.openFile(name)
      if ((await file.stat()).isFile()) return file.createReadStream()
      await file.close()
      throw new Absence()
    })
  }

  async *list(prefix: string): AsyncGenerator<ObjectInfo, void, void> {
    try {
      const directories = this.#config.storeDir.split('/').filter(Boolean)
      await using directory = await this.#enter(directories, (parent, child) => parent.child(child))
      yield* walk(directory, '', prefix)
    } catch (cause) {
      // Before the first put there is no StoreDir; without the mount path it is another error.
      if (codeOf(cause) !== 'ENOENT') throw new StoreError('list', prefix, cause, this.location(prefix))
    }
  }

  async remove(key: string): Promise<void> {
    await this.#explained('remove', key, async () => {
      const { directories, name } = this.#split(key)
      try {
        await using directory = await this.#enter(directories, (parent, child) => parent.child(child))
        await unlink(directory.at(name))
      } catch (cause) {
        if (!isAbsence(cause)) throw cause
      }
    })
  }

  /** `cfs:///mnt/cfs/corefiles/…`, as the original CoreDog wrote it. */
  location(key: string): string {
    return `cfs://${path.posix.join(this.#config.mountPath, joined(this.#config.storeDir, key))}`
  }

  async link(): Promise<null> {
    return null
  }

  #split(key: string): { directories: string[]; name: string } {
    const directories = fullKey(this.#config.storeDir, key).split('/')
    // Splitting gives at least one, and fullKey refuses an empty one.
    const name = directories.pop()!
    if (isPartial(name))
      throw new OperatorError('the key is kept for unfinished files', 'Choose another key.')
    return { directories, name }
  }

  async #enter(
    names: readonly string[],
    step: (parent: Directory, child: string) => Promise<Directory>,
  ): Promise<Directory> {
    let here = await openMount(this.#config.mountPath)
    for (const name of names) {
      await using parent = here
      here = await step(parent, name)
    }
    return here
  }

  async #explained<T>(op: StoreOperation, key: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (cause) {
      const absent = op === 'get' && isAbsence(cause)
      const why = absent ? new Absence(cause) : cause
      throw new (absent ? NotFoundError : StoreError)(op, key, why, this.location(key))
    }
  }
}

async function openMount(mountPath: string): Promise<Directory> {
  try {
    return await Directory.open(mountPath)
  } catch (cause) {
    const state = { ENOENT: 'does not exist', ENOTDIR: 'is no directory' }[codeOf(cause) ?? '']
    if (state === undefined) throw cause
    throw new OperatorError(
      `the mount path "${mountPath}" ${state}`,
      'Mount the file system there on this node, or correct CFSMountPath in StorageConfig.',
      cause,
    )
  }
}

async function write(directory: Directory, name: string, body: Bytes): Promise<void> {
  const partial = `.coredog-${randomBytes(8).toString('hex')}.partial`
  const file = await directory.createFile(partial)
  try {
    await using _closing = file
    for await (const chunk of new Interruption().chunksOf(body)) await file.writeFile(chunk)
    await file.sync()
    await rename(directory.at(partial), directory.at(name))
  } catch (cause) {
    throw await cleanedUp(directory, partial, cause)
  }
  await directory.sync()
}

async function cleanedUp(directory: Directory, partial: string, cause: unknown): Promise<unknown> {
  try {
    await unlink(directory.at(partial))
    return cause
  } catch (failure) {
    return new LeftBehindError(cause, failure, `Remove the file ${partial} by hand.`)
  }
}

async function* walk(
  directory: Directory,
  path: string,
  prefix: string,
): AsyncGenerator<ObjectInfo, void, void> {
  for (const entry of inKeyOrder(await readdir(directory.at('.'), { withFileTypes: true }))) {
    const key = path + segment(entry)
    if (entry.isDirectory() && (key.startsWith(prefix) || prefix.startsWith(key))) {
      await using child = await ifThere(directory.child(entry.name))
      if (child) yield* walk(child, key, prefix)
    } else if (entry.isFile() && key.startsWith(prefix) && !isPartial(entry.name)) {
      const stat = await ifThere(lstat(directory.at(entry.name)))
      if (stat) yield { key, sizeBytes: stat.size }
    }
  }
}

// The order of S3: by bytes of UTF-8, where `a/b` stands after `a-b`, as `/` stands after `-`.
function inKeyOrder(entries: Dirent[]): Dirent[] {
  return entries.sort((a, b) => Buffer.compare(Buffer.from(segment(a)), Buffer.from(segment(b))))
}

function segment(entry: Dirent): string {
  return entry.isDirectory() ? `${entry.name}/` : entry.name
}

/** Others write to and remove from the same file system while we list it. */
async function ifThere<T>(work: Promise<T>): Promise<T | null> {
  try {
    return await work
  } catch (cause) {
    if (isAbsence(cause)) return null
    throw cause
  }
}

class Absence extends OperatorError {
  constructor(cause?: unknown) {
    super('there is no such object', 'See the listing of the store: it may have been removed.', cause)
  }
}

function isAbsence(cause: unknown): boolean {
  return cause instanceof Absence || ['ENOENT', 'ENOTDIR'].includes(codeOf(cause) ?? '')
}
