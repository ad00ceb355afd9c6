import { rename, rm, stat, utimes } from 'node:fs/promises'
import path from 'node:path'
import { CliError, EXIT } from '../exit.ts'
import { fetched, type Wanted } from './fetched.ts'
import { Part } from './parts.ts'
import { ownMark } from './running-process.ts'
import { SparseFile } from './sparse-file.ts'
import { unpacked } from './unpacked.ts'

/** How a stored core is compressed, and how large it is unpacked. */
export interface Packed {
  readonly compression: 'gzip' | 'zstd' | 'none'
  /** No more than this is unpacked. */
  readonly mostBytes: number
}

/**
 * Objects of stores, by what they hold: `<sha256>`, and `<sha256>.core` of a core that was stored compressed. What is
 * there under such a name was checked, and is not fetched again.
 */
export class ObjectCache {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
  }

  /** The file of an object, which is fetched if it is not there. `name`: of lower-case letters, digits and `-`. */
  async file(name: string, wanted: Wanted): Promise<string> {
    return this.#have(name, async part => {
      for await (const _ of fetched(part, wanted));
      return part
    })
  }

  /** The same of a core, unpacked while it comes. */
  async core(name: string, wanted: Wanted, { compression, mostBytes }: Packed): Promise<string> {
    return this.#have(`${name}.core`, async (part, unfinished) => {
      const file = await SparseFile.create(unfinished)
      try {
        for await (const bytes of unpacked(fetched(part, wanted), compression)) {
          await file.write(bytes)
          if (file.sizeBytes > mostBytes) throw tooLarge(wanted.name, mostBytes)
        }
      } finally {
        await file.close()
      }
      return unfinished
    })
  }

  /** `make` gives the file that becomes the object. */
  async #have(name: string, make: (part: string, unfinished: string) => Promise<string>): Promise<string> {
    const object = path.join(this.#folder, name)
    if (await isUsed(object)) return object
    const part = await Part.claim(this.#folder, name)
    const unfinished = path.join(this.#folder, `${name}.${ownMark()}.new`)
    try {
      await rename(await make(part.file, unfinished), object)
      await rm(part.file, { force: true })
    } catch (error) {
      await part.release()
      throw error
    } finally {
      await rm(unfinished, { force: true })
    }
    return object
  }
}

/** Whether it is there; then it is among the last to go. */
async function isUsed(file: string): Promise<boolean> {
  const isThere = await stat(file).then(
    stats => stats.isFile(),
    () => false,
  )
  if (isThere) await utimes(file, new Date(), new Date()).catch(() => undefined)
  return isThere
}

function tooLarge(name: string, mostBytes: number): CliError {
  return new CliError(
    EXIT.error,
    `Cannot unpack ${name}: it is larger than the ${mostBytes} bytes that it should be`,
    'Get the stored file as it is with `kubectl coredog get`, and look at it.',
  )
}
