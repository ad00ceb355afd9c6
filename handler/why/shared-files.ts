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

  constructor(evidence: Evidence) {
    this.#evidence = evidence
  }

  hold(): HeldFiles {
    const { modules, unopened = [], entry } = this.#evidence
    this.#holders += 1
    let isHeld = true
    const release = async () => {
      if (!isHeld) return
      isHeld = false
      this.#holders -= 1
      if (this.#holders === 0) await closeEvidence(this.#evidence)
    }
    return { modules, unopened, ...(entry !== undefined && { entry }), over: this.#over.signal, release }
  }

  /** Asks those who hold them to release them. */
  end(reason: string): void {
    this.#over.abort(new Error(reason))
  }
}
