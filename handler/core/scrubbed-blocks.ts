import type { Scrub } from './scrub.ts'

/** As in the report's `core`. */
export interface Scrubbed {
  readonly scrubbed?: number
  readonly unscrubbed?: string
}

/** What blanks a core; `null`: nothing is known that would have to be. */
export interface OpenScrub {
  readonly scrub: Scrub | null
  /** Why secrets may be left all the same, in words for a person. */
  readonly doubt: string | null
}

/** The blocks of a core on their way to the store, once secrets are blanked in them. */
export class ScrubbedBlocks {
  readonly #opening: Promise<OpenScrub> | null
  #opened: OpenScrub = { scrub: null, doubt: null }

  /** `opening` is waited for, so it has a deadline. `null`: the core is stored as it is. */
  constructor(opening: Promise<OpenScrub> | null) {
    this.#opening = opening
  }

  /** `giveBack` takes a block that its reader will not get. */
  async *of(blocks: AsyncIterable<Buffer>, giveBack: (block: Buffer) => void): AsyncGenerator<Buffer> {
    if (this.#opening !== null) this.#opened = await this.#opening
    const { scrub } = this.#opened
    if (scrub === null) return yield* blocks
    const done: Buffer[] = []
    try {
      for await (const block of blocks) {
        done.push(...scrub.take(block))
        yield* allOf(done)
      }
      done.push(...scrub.end())
      yield* allOf(done)
    } finally {
      for (const block of [...done, scrub.held]) if (block !== null) giveBack(block)
    }
  }

  /** Once all blocks have passed. */
  get result(): Scrubbed {
    if (this.#opening === null) return {}
    const { scrub, doubt } = this.#opened
    const doubts = [doubt, scrub?.isExhausted === true ? EXHAUSTED : null].filter(said => said !== null)
    return { scrubbed: scrub?.places ?? 0, ...(doubts.length > 0 && { unscrubbed: doubts.join('; ') }) }
  }
}

function* allOf(queue: Buffer[]): Generator<Buffer> {
  for (let block = queue.shift(); block !== undefined; block = queue.shift()) yield block
}

const EXHAUSTED = 'its secrets and its memory are such that it would have taken too long'
