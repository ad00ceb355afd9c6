import { type FileLife, isDue, isOnItsWay, isOver } from './file-life.ts'

const MOST_WAITING = 100_000

/** A file that is not dealt with. */
interface PendingFile {
  /** Of the file as it was: see idOf. */
  readonly id: string
  readonly path: string
  readonly directory: readonly string[]
  readonly life: FileLife
}

/** The files that were seen and are not dealt with, by their paths. */
export class PendingFiles {
  readonly #waiting = new Map<string, PendingFile>()
  readonly #onTheirWay = new Map<string, PendingFile>()

  /** What is known of this very file, unchanged, or of the one at its path that is on its way. */
  get(path: string, id: string): FileLife | undefined {
    const waiting = this.#waiting.get(path)
    return this.#onTheirWay.get(path)?.life ?? (waiting?.id === id ? waiting.life : undefined)
  }

  /** Whether no core was seen at this path. */
  isNews(path: string): boolean {
    const state = this.#waiting.get(path)?.life.state
    return state === undefined || state === 'foreign'
  }

  put(file: PendingFile): void {
    if (isOnItsWay(file.life)) {
      this.#waiting.delete(file.path)
      this.#onTheirWay.set(file.path, file)
      return
    }
    this.#onTheirWay.delete(file.path)
    if (isOver(file.life)) this.#waiting.delete(file.path)
    else this.#wait(file)
  }

  /** Forgets all that are not in `there`, but for those that are on their way. */
  retain(there: ReadonlySet<string>): void {
    for (const path of this.#waiting.keys()) if (!there.has(path)) this.#waiting.delete(path)
  }

  /** The directories of the files that are worth another look now. */
  due(nowMs: number): readonly (readonly string[])[] {
    return [...this.#waiting.values()].filter(({ life }) => isDue(life, nowMs)).map(file => file.directory)
  }

  /** Too many: the oldest are forgotten, and looked at again. */
  #wait(file: PendingFile): void {
    this.#waiting.set(file.path, file)
    const [oldest] = this.#waiting.keys()
    if (this.#waiting.size > MOST_WAITING && oldest !== undefined) this.#waiting.delete(oldest)
  }
}
