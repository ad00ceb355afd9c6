import type { Stats } from 'node:fs'
import { lstat, lutimes, rmdir, unlink } from 'node:fs/promises'
import path from 'node:path'
import type { Readable } from 'node:stream'
import type { FileStorageConfig } from '../../config/config.ts'
import { OperatorError } from '../../crash/errors.ts'
import { parseCrashFolder } from '../../crash/object-key.ts'
import { codeOf, isMissing } from '../../crash/system-error.ts'
import { type BucketRules, NO_RULES } from '../bucket-rules.ts'
import { endedBy } from '../ended-by.ts'
import { NoSuchBytesError, NotFoundError, StoreError, type StoreOperation } from '../errors.ts'
import { fullKey, joined } from '../key.ts'
import type { ObjectInfo, ObjectStore, Unfinished } from '../object-store.ts'
import type { Bytes } from '../parts/bytes.ts'
import type { Failover, PutOutcome } from '../parts/failover.ts'
import { putInParts } from '../parts/multipart.ts'
import type { PartPatience } from '../parts/part-patience.ts'
import { partSizeBytes } from '../parts/part-size.ts'
import type { PartedObject } from '../parts/parted-object.ts'
import { isRange, type ReadOptions } from '../read-options.ts'
import { contentOf, type Rereadable } from '../rereadable.ts'
import type { StoreTraits } from '../store-traits.ts'
import { FileObject, isPartial } from './file-object.ts'
import { type FoundFile, walk } from './file-walk.ts'
import { foldersOfGroups } from './group-folders.ts'
import { MountCalls } from './mount-calls.ts'
import { putIfNew } from './put-if-new.ts'
import { StoreDirectory } from './store-directory.ts'

const TRAITS: StoreTraits = {
  resumes: true,
  links: false,
  isRemote: false,
  needsCredentials: false,
  endpoint: null,
  region: '',
}

/**
 * A directory of a mounted file system: CFS, NFS. An object gets its name when it is whole and on
 * the disk. The mount path itself is never made: without the mount it would be on the node's disk.
 */
export class FileStore implements ObjectStore {
  readonly traits = TRAITS
  readonly #config: FileStorageConfig
  readonly #calls: MountCalls

  constructor(config: FileStorageConfig) {
    this.#config = config
    this.#calls = new MountCalls(config.mountPath, config.patienceSeconds ?? PATIENCE_SECONDS)
  }

  async put(
    key: string,
    body: Bytes,
    boundBytes: number,
    failover: Failover | null = null,
  ): Promise<PutOutcome> {
    return this.#explained('put', key, async () => {
      const partBytes = partSizeBytes(boundBytes)
      const object = this.#object(key, partBytes)
      // A core that cannot be kept anywhere is not asked for.
      if (failover === null) await object.look()
      return putInParts(object, body, partBytes, ONCE, failover)
    })
  }

  /** Of two that begin at once the second replaces the first one, which has the same bytes. */
  async putOnce(key: string, content: Rereadable, anew?: 'anew'): Promise<'stored' | 'present'> {
    const found = await this.look(key)
    // After a power failure there may be a name without its bytes.
    if (found !== 'absent' && found.sizeBytes === content.sizeBytes) {
      if (anew !== undefined) await this.#renew(key)
      return 'present'
    }
    await this.put(key, contentOf(content), content.sizeBytes)
    return 'stored'
  }

  async putIfNew(key: string, body: Uint8Array, signal: AbortSignal): Promise<'won' | 'refused'> {
    return this.#explained('put', key, () => {
      const { directories, name } = this.#split(key)
      const own = Uint8Array.from(body)
      return this.#calls.answered(async () => {
        await using directory = await this.#enter(directories, (parent, child) => parent.ensureChild(child))
        return await putIfNew(directory, name, own)
      }, signal)
    })
  }

  async #renew(key: string): Promise<void> {
    await this.#answered('put', key, async () => {
      const { directories, name } = this.#split(key)
      await using directory = await this.#enter(directories, (parent, child) => parent.child(child))
      const now = new Date()
      await lutimes(directory.at(name), now, now)
    })
  }

  async look(key: string): Promise<ObjectInfo | 'absent'> {
    return this.#answered('look at', key, async () => {
      const { directories, name } = this.#split(key)
      try {
        await using directory = await this.#enter(directories, (parent, child) => parent.child(child))
        const stat = await lstat(directory.at(name))
        return stat.isFile() ? { key, sizeBytes: stat.size, storedAt: stat.mtime } : 'absent'
      } catch (cause) {
        if (isAbsence(cause)) return 'absent'
        throw cause
      }
    })
  }

  object(key: string, partBytes: number): PartedObject {
    return this.#object(key, partBytes)
  }

  #object(key: string, partBytes: number): FileObject {
    const { directories, name } = this.#split(key)
    const enter = () => this.#enter(directories, (parent, child) => parent.ensureChild(child))
    return new FileObject({ enter, name, partBytes, calls: this.#calls })
  }

  async get(key: string, options: ReadOptions = {}): Promise<Readable> {
    const { signal } = options
    return this.#explained('get', key, () => this.#calls.answered(() => this.#read(key, options), signal))
  }

  async #read(key: string, { signal, ...range }: ReadOptions): Promise<Readable> {
    const { directories, name } = this.#split(key)
    await using directory = await this.#enter(directories, (parent, child) => parent.child(child))
    const file = await directory.openFile(name)
    try {
      const { size } = wholeFile(await file.stat())
      const { firstByte: start = 0, lastByte: end = size } = range
      if (isRange(range) && start >= size) throw new PastTheEnd()
      return endedBy(signal, file.createReadStream({ start, end }))
    } catch (cause) {
      await file.close()
      throw cause
    }
  }

  async *list(prefix: string, after = '', signal?: AbortSignal): AsyncGenerator<ObjectInfo, void, void> {
    try {
      for await (const { key, stat } of this.#calls.each(this.#walk(prefix, after))) {
        signal?.throwIfAborted()
        if (!isPartial(path.posix.basename(key))) yield { key, sizeBytes: stat.size, storedAt: stat.mtime }
      }
    } catch (cause) {
      // Before the first put there is no StoreDir; without the mount path it is another error.
      if (!isMissing(cause)) throw new StoreError('list', prefix, cause, this.location(prefix))
    }
  }

  async *unfinished(): AsyncGenerator<Unfinished, void, void> {
    try {
      for await (const { key, stat } of this.#calls.each(this.#walk(''))) {
        const uploadId = path.posix.basename(key)
        if (isPartial(uploadId))
          yield { key, uploadId, touchedAt: stat.mtime, abort: () => this.#abandon(key) }
      }
    } catch (cause) {
      if (!isMissing(cause)) throw new StoreError('list', '', cause, this.location(''))
    }
  }

  async remove(key: string): Promise<void> {
    await this.#answered('remove', key, async () => {
      await this.#unlink(this.#split(key))
      await this.#removeCrashFolder(path.posix.dirname(key))
    })
  }

  async removeAll(keys: readonly string[]): Promise<void> {
    for (const key of keys) await this.remove(key)
    for (const folder of foldersOfGroups(keys))
      await this.#answered('remove', folder, () => this.#removeEmpty(folder))
  }

  async bucketRules(): Promise<BucketRules> {
    return NO_RULES
  }

  async *#walk(prefix: string, after = ''): AsyncGenerator<FoundFile, void, void> {
    await using directory = await this.#root()
    yield* walk(directory, '', { prefix, after })
  }

  /**
   * Once nothing is in it. No handler writes into the folder of a crash again; those above it are shared by
   * all handlers.
   */
  async #removeCrashFolder(folder: string): Promise<void> {
    if (parseCrashFolder(folder) !== null) await this.#removeEmpty(folder)
  }

  async #removeEmpty(folder: string): Promise<void> {
    const { directories, name } = placeOf(this.#config.storeDir, folder)
    try {
      await using directory = await this.#enter(directories, (parent, child) => parent.child(child))
      await rmdir(directory.at(name))
    } catch (cause) {
      if (!isAbsence(cause) && !['ENOTEMPTY', 'EEXIST'].includes(codeOf(cause))) throw cause
    }
  }

  async #abandon(key: string): Promise<void> {
    await this.#answered('remove', key, async () => {
      await this.#unlink(placeOf(this.#config.storeDir, key))
      await this.#removeCrashFolder(path.posix.dirname(key))
    })
  }

  async #unlink({ directories, name }: Place): Promise<void> {
    try {
      await using directory = await this.#enter(directories, (parent, child) => parent.child(child))
      await unlink(directory.at(name))
    } catch (cause) {
      if (!isAbsence(cause)) throw cause
    }
  }

  /** `cfs:///mnt/cfs/corefiles/…`, as the original CoreDog wrote it. */
  location(key: string): string {
    return `cfs://${path.posix.join(this.#config.mountPath, joined(this.#config.storeDir, key))}`
  }

  async link(): Promise<null> {
    return null
  }

  #split(key: string): Place {
    const place = placeOf(this.#config.storeDir, key)
    if (isPartial(place.name))
      throw new OperatorError('the key is kept for unfinished files', 'Choose another key.')
    return place
  }

  async #root(): Promise<StoreDirectory> {
    const directories = this.#config.storeDir.split('/').filter(Boolean)
    return this.#enter(directories, (parent, child) => parent.child(child))
  }

  async #enter(
    names: readonly string[],
    step: (parent: StoreDirectory, child: string) => Promise<StoreDirectory>,
  ): Promise<StoreDirectory> {
    let here = await openMount(this.#config.mountPath)
    for (const name of names) {
      await using parent = here
      here = await step(parent, name)
    }
    return here
  }

  async #answered<T>(op: StoreOperation, key: string, work: () => Promise<T>): Promise<T> {
    return this.#explained(op, key, () => this.#calls.answered(work))
  }

  async #explained<T>(op: StoreOperation, key: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (cause) {
      const absent = op === 'get' && isAbsence(cause)
      const why = absent ? new Absence(cause) : cause
      const kind = absent ? NotFoundError : cause instanceof PastTheEnd ? NoSuchBytesError : StoreError
      throw new kind(op, key, why, this.location(key))
    }
  }
}

interface Place {
  readonly directories: readonly string[]
  readonly name: string
}

function placeOf(storeDir: string, key: string): Place {
  const directories = fullKey(storeDir, key).split('/')
  // Splitting gives at least one, and fullKey refuses an empty one.
  const name = directories.pop()!
  return { directories, name }
}

const PATIENCE_SECONDS = 30

// A file system says no at once, or hangs: asking again would not change its mind.
const ONCE: PartPatience = { partMs: 0, partPauseMs: 0, completePausesMs: [], isPassing: () => false }

async function openMount(mountPath: string): Promise<StoreDirectory> {
  try {
    return await StoreDirectory.open(mountPath)
  } catch (cause) {
    const state = { ENOENT: 'does not exist', ENOTDIR: 'is no directory' }[codeOf(cause)]
    if (state === undefined) throw cause
    throw new OperatorError(
      `the mount path "${mountPath}" ${state}`,
      'Mount the file system there on this node, or correct CFSMountPath in StorageConfig.',
      cause,
    )
  }
}

/** Of an open file; throws of anything else that has a name. */
function wholeFile(stat: Stats): Stats {
  if (!stat.isFile()) throw new Absence()
  return stat
}

class PastTheEnd extends OperatorError {
  constructor() {
    super(
      'the object ends before the bytes that were asked for',
      'Read it from its beginning: another object may have taken its place.',
    )
  }
}

class Absence extends OperatorError {
  constructor(cause?: unknown) {
    super('there is no such object', 'See the listing of the store: it may have been removed.', cause)
  }
}

function isAbsence(cause: unknown): boolean {
  return cause instanceof Absence || ['ENOENT', 'ENOTDIR'].includes(codeOf(cause))
}
