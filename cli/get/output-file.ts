import { link, rename, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { codeOf, isMissing } from '../../crash/system-error.ts'
import { Part } from '../debug/parts.ts'
import { ownMark } from '../debug/running-process.ts'
import { SparseFile } from '../debug/sparse-file.ts'
import { CliError, EXIT } from '../exit.ts'

interface Place {
  /** Where a directory is named. */
  readonly name: string
  /** What it is to hold: what came of it is known again by that. */
  readonly of: string
  readonly isForced: boolean
}

/** A file that has its name only when all of it is there; what was fetched for it stays beside it until then. */
export class OutputFile {
  readonly file: string
  readonly #part: Part
  readonly #isForced: boolean
  #sizeBytes = 0

  private constructor(file: string, part: Part, isForced: boolean) {
    this.file = file
    this.#part = part
    this.#isForced = isForced
  }

  /** Rejects where a file is there already. */
  static async open(output: string, { name, of, isForced }: Place): Promise<OutputFile> {
    const file = (await kindOf(output)) === 'directory' ? path.join(output, name) : output
    const kind = await kindOf(file)
    if (kind === 'directory' || (kind !== null && !isForced)) throw isThere(file)
    const part = await Part.claim(path.dirname(file), `${path.basename(file)}.${of.slice(0, 16)}`)
    return new OutputFile(file, part, isForced)
  }

  get sizeBytes(): number {
    return this.#sizeBytes
  }

  /** `make`: what is to be written, given where what is fetched is kept. */
  async fill(make: (part: string) => Promise<AsyncIterable<Uint8Array>>): Promise<void> {
    const unfinished = `${this.file}.${ownMark()}.new`
    try {
      this.#sizeBytes = await written(unfinished, await make(this.#part.file))
      await this.#named(unfinished)
      await rm(this.#part.file, { force: true })
    } finally {
      await rm(unfinished, { force: true })
    }
  }

  /** For the next run. Resolves with how much there is for it. */
  async release(): Promise<number> {
    const { size } = await stat(this.#part.file).catch(() => ({ size: 0 }))
    if (size === 0) await rm(this.#part.file, { force: true })
    else await this.#part.release()
    return size
  }

  /** A link never replaces. */
  async #named(unfinished: string): Promise<void> {
    if (this.#isForced) return await rename(unfinished, this.file)
    try {
      await link(unfinished, this.file)
    } catch (error) {
      if (codeOf(error) === 'EEXIST') throw isThere(this.file)
      // A file system without links.
      await rename(unfinished, this.file)
    }
  }
}

async function written(file: string, bytes: AsyncIterable<Uint8Array>): Promise<number> {
  const output = await SparseFile.create(file)
  try {
    for await (const chunk of bytes) await output.write(chunk)
  } finally {
    await output.close()
  }
  return output.sizeBytes
}

async function kindOf(file: string): Promise<'file' | 'directory' | null> {
  try {
    return (await stat(file)).isDirectory() ? 'directory' : 'file'
  } catch (error) {
    if (isMissing(error)) return null
    throw error
  }
}

function isThere(file: string): CliError {
  return new CliError(
    EXIT.usage,
    `Cannot write "${file}": it is there already`,
    'Name another file with -o, or say --force.',
  )
}
