import { randomBytes } from 'node:crypto'
import type { FileHandle } from 'node:fs/promises'
import { lstat, readdir, rename, unlink } from 'node:fs/promises'
import { isMissing, orIfMissing } from '../../crash/system-error.ts'
import { LeftBehindError } from '../diagnosis.ts'
import type { PartedObject, PartedUpload, SizedPart, StoredPart } from '../parts/parted-object.ts'
import type { MountCalls } from './mount-calls.ts'
import type { StoreDirectory } from './store-directory.ts'

// A handler that was killed leaves one behind; the name says whose it is and that it may go.
const PARTIAL = /^\.coredog-[0-9a-f]{16}\.partial$/

export function partialName(): string {
  return `.coredog-${randomBytes(8).toString('hex')}.partial`
}

/** Whether a file of this name is an object that was never finished. */
export function isPartial(name: string): boolean {
  return PARTIAL.test(name)
}

/** Where one object of a {@link FileStore} goes. */
interface FilePlace {
  /** Opens the object's directory, and makes it if it is not there. The caller closes it. */
  readonly enter: () => Promise<StoreDirectory>
  readonly name: string
  readonly partBytes: number
  readonly calls: MountCalls
}

/**
 * Writes one file, whole or in parts: parts go into a file of another name, which is renamed when it is
 * whole.
 */
export class FileObject implements PartedObject {
  readonly #place: FilePlace

  constructor(place: FilePlace) {
    this.#place = place
  }

  async putWhole(bytes: Uint8Array): Promise<void> {
    const upload = await this.begin()
    try {
      await upload.complete([await upload.putPart(1, bytes, NEVER)])
    } catch (cause) {
      throw await withoutLeftover(upload, cause)
    }
  }

  async begin(): Promise<FileUpload> {
    const upload = new FileUpload(this.#place, partialName())
    await this.#place.calls.answered(() => upload.create())
    return upload
  }

  resume(uploadId: string): PartedUpload {
    if (!isPartial(uploadId)) throw new Error(`"${uploadId}" is no unfinished file of ours`)
    return new FileUpload(this.#place, uploadId)
  }

  async abortAll(): Promise<void> {
    await this.#place.calls.answered(() => this.#abortAll())
  }

  async #abortAll(): Promise<void> {
    await using directory = await this.#place.enter()
    for (const name of (await readdir(directory.at('.'))).filter(isPartial)) await unlink(directory.at(name))
  }

  async look(): Promise<number | 'absent'> {
    return this.#place.calls.answered(() => this.#look())
  }

  async #look(): Promise<number | 'absent'> {
    await using directory = await this.#place.enter()
    try {
      return (await lstat(directory.at(this.#place.name))).size
    } catch (cause) {
      if (isMissing(cause)) return 'absent'
      throw cause
    }
  }
}

async function withoutLeftover(upload: FileUpload, cause: unknown): Promise<unknown> {
  try {
    await upload.abort()
    return cause
  } catch (failure) {
    return new LeftBehindError(cause, failure, `Remove the file ${upload.id} by hand.`)
  }
}

const PIECE_BYTES = 2 ** 20
const NEVER = new AbortController().signal

class FileUpload implements PartedUpload {
  readonly id: string
  readonly #place: FilePlace
  /** One after the other, so that what is there has no holes: its size says which parts it has. */
  #last: Promise<unknown> = Promise.resolve()

  constructor(place: FilePlace, id: string) {
    this.id = id
    this.#place = place
  }

  async create(): Promise<void> {
    await using directory = await this.#place.enter()
    await using _closing = await directory.createFile(this.id)
  }

  async putPart(number: number, bytes: Uint8Array, signal: AbortSignal): Promise<StoredPart> {
    const { calls } = this.#place
    const written = this.#last.then(() =>
      calls.answered(overdue => this.#write(number, bytes, overdue), signal),
    )
    // The next one waits for this one, and fails for reasons of its own.
    this.#last = written.catch(() => undefined)
    await written
    return { number, etag: String(number) }
  }

  async #write(number: number, bytes: Uint8Array, overdue: AbortSignal): Promise<void> {
    await using file = await this.#open()
    const at = (number - 1) * this.#place.partBytes
    const { size } = await file.stat()
    if (size < at) throw new Error(`part ${number} has no part before it`)
    // A write that hangs reads its memory when it comes back, and the caller's has other bytes by then.
    const own = Buffer.allocUnsafeSlow(Math.min(bytes.length, PIECE_BYTES))
    for (let done = 0; done < bytes.length; ) {
      overdue.throwIfAborted()
      const lengthBytes = Math.min(own.length, bytes.length - done)
      own.set(bytes.subarray(done, done + lengthBytes))
      const { bytesWritten } = await file.write(own, 0, lengthBytes, at + done)
      done += bytesWritten
    }
  }

  async #open(): Promise<FileHandle> {
    await using directory = await this.#place.enter()
    // Awaited: the directory is closed on the way out.
    return await directory.openForWriting(this.id)
  }

  async complete(parts: readonly StoredPart[]): Promise<void> {
    await this.#place.calls.answered(() => this.#complete(parts))
  }

  async #complete(parts: readonly StoredPart[]): Promise<void> {
    await using directory = await this.#place.enter()
    await using file = await directory.openForWriting(this.id)
    // Half a part, whose writer was killed, is none: it cannot be unpacked.
    const mostBytes = parts.length * this.#place.partBytes
    if ((await file.stat()).size > mostBytes) await file.truncate(mostBytes)
    await file.sync()
    await rename(directory.at(this.id), directory.at(this.#place.name))
    await directory.sync()
  }

  async storedParts(): Promise<readonly SizedPart[] | null> {
    return this.#place.calls.answered(() => this.#storedParts())
  }

  async #storedParts(): Promise<readonly SizedPart[] | null> {
    await using directory = await this.#place.enter()
    try {
      await using file = await directory.openForWriting(this.id)
      // What was only in some cache of a node that is gone would be taken for stored.
      await file.sync()
      return partsOf((await file.stat()).size, this.#place.partBytes)
    } catch (cause) {
      if (isMissing(cause)) return null
      throw cause
    }
  }

  async abort(): Promise<void> {
    await this.#last
    await this.#place.calls.answered(() => this.#remove())
  }

  async #remove(): Promise<void> {
    await using directory = await this.#place.enter()
    await unlink(directory.at(this.id)).catch(orIfMissing(undefined))
  }
}

/** A part that is not full may be half written: only of a whole file it is the last. */
function partsOf(sizeBytes: number, partBytes: number): SizedPart[] {
  return Array.from({ length: Math.floor(sizeBytes / partBytes) }, (_, at) => ({
    number: at + 1,
    etag: String(at + 1),
    sizeBytes: partBytes,
  }))
}
