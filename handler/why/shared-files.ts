import type { Evidence } from './evidence.ts'
import { closeEvidence } from './take-evidence.ts'

/** The files of code of a process, for one who reads them. */
export interface HeldFiles extends Pick<Evidence, 'modules' | 'unopened' | 'entry'> {
  /** Aborts when they have been open for long enough: to be released at once. */
  readonly over: AbortSignal
  /** Twice does no harm. Never rejects. */
  readonly release: () => Promise<void>
}

/** They are open for as long as one who reads them holds them, and closed once. */
export class SharedFiles {
  readonly #evidence: Evidence
  readonly #over = new AbortController()
  #holders = 0
  #isClosed = false

  constructor(evidence: Evidence) {
    this.#evidence = evidence
  }

  /** When they are closed it is over: by then their numbers may be those of other files. */
  hold(): HeldFiles {
    const { modules, unopened = [], entry } = this.#evidence
    let isHeld = !this.#isClosed
    if (isHeld) this.#holders += 1
    const release = async () => {
      if (!isHeld) return
      isHeld = false
      this.#holders -= 1
      if (this.#holders === 0) await this.#close()
    }
    return { modules, unopened, ...(entry !== undefined && { entry }), over: this.#over.signal, release }
  }

  /** Asks those who hold them to release them. */
  end(reason: string): void {
    this.#over.abort(new Error(reason))
  }

  async #close(): Promise<void> {
    this.#isClosed = true
    this.end('they were closed when nobody held them')
    await closeEvidence(this.#evidence)
  }
}
