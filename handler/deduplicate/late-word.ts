import type { ClusterGroup } from '../../crash/group-key.ts'
import type { Full, Taken } from './places.ts'

/** Cores of a group that are kept. */
export interface Others extends Full {
  readonly group: ClusterGroup
}

/**
 * What its cluster says of a crash whose core is on its way by then: no answer came as long as its process could be
 * held for one. A core that is not whole yet, and of which others are kept, need not be.
 */
export class LateWord {
  #others: Others | null = null
  #place: string | null = null
  #isOver = false
  readonly #dropped = new AbortController()
  /** Resolves when it is known, or never will be: some seconds later at the most. Never rejects. */
  readonly heard: Promise<void>

  /** `drop`: called when others are kept, and the core is not whole. */
  constructor(group: ClusterGroup, later: Promise<Taken>, drop: () => void) {
    this.heard = later.then(taken => {
      if (taken.outcome !== 'full') this.#place = taken.place
      if (taken.outcome !== 'full' || this.#isOver) return
      this.#others = { ...taken, group }
      drop()
      this.#dropped.abort()
    })
  }

  /** For these its core was dropped; `null`: it was not. */
  get others(): Others | null {
    return this.#others
  }

  /** Key of the place that it has after all, or may have; `null`: none, or that is not known. */
  get place(): string | null {
    return this.#place
  }

  /** Aborts when the core is dropped. */
  get dropped(): AbortSignal {
    return this.#dropped.signal
  }

  /** The core is whole, and stays, whatever comes from now on. Throws if it was dropped before. */
  end(): void {
    if (this.#others !== null) throw new Error('its cluster keeps other cores of the same crash')
    this.#isOver = true
  }
}
