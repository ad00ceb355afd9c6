import { stat } from 'node:fs/promises'
import { orIfMissing } from '../../crash/system-error.ts'
import { GroupTotals } from './group-totals.ts'

/** The totals of a file, which is read again where somebody has written it, and not in each round. */
export class CurrentTotals {
  readonly #file: string
  #read: { readonly totals: GroupTotals; readonly written: string } | null = null

  constructor(file: string) {
    this.#file = file
  }

  /** What a failure has left in memory may not be in the file: then that is read anew. */
  async use<T>(work: (totals: GroupTotals) => Promise<T>): Promise<T> {
    try {
      return await work(await this.#current())
    } catch (cause) {
      this.#read = null
      throw cause
    }
  }

  async #current(): Promise<GroupTotals> {
    const written = await writingOf(this.#file)
    if (this.#read?.written !== written) this.#read = { totals: await GroupTotals.read(this.#file), written }
    return this.#read.totals
  }
}

/** Each writing makes another file of that name. */
async function writingOf(file: string): Promise<string> {
  const found = await stat(file, { bigint: true }).catch(orIfMissing(null))
  return found === null ? 'none' : `${found.ino} ${found.mtimeNs} ${found.size}`
}
