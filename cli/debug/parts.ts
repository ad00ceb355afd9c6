import { readdir, rename } from 'node:fs/promises'
import path from 'node:path'
import { isGone, ownMark } from './running-process.ts'

/**
 * What came of an object so far lies in `<object>.<pid>-<number>.part`, or in `<object>.part` where nobody is at it. Two
 * programs that want the same one at once each get it all: they do not write to one file.
 */
export class Part {
  readonly file: string
  readonly #idle: string

  private constructor(file: string, idle: string) {
    this.file = file
    this.#idle = idle
  }

  /** Takes over what is left of a run that is over. */
  static async claim(folder: string, name: string): Promise<Part> {
    const idle = path.join(folder, `${name}.part`)
    const own = path.join(folder, `${name}.${ownMark()}.part`)
    for (const left of [idle, ...(await leftBehind(folder, name))]) {
      if (await moved(left, own)) break
    }
    return new Part(own, idle)
  }

  /** For the next run, where this one did not come to its end. */
  async release(): Promise<void> {
    await moved(this.file, this.#idle)
  }
}

async function leftBehind(folder: string, name: string): Promise<readonly string[]> {
  const files = await readdir(folder)
  return files
    .filter(file => file.startsWith(`${name}.`) && isGone(/\.(\d{1,10})-\d+\.part$/.exec(file)?.[1]))
    .map(file => path.join(folder, file))
}

async function moved(from: string, to: string): Promise<boolean> {
  return rename(from, to).then(
    () => true,
    () => false,
  )
}
