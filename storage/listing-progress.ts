import { EndlessAnswerError } from './s3/endless-answer.ts'

// S3 gives a page without keys now and then, where it skips what was deleted.
const MOST_EMPTY_PAGES = 100

/** Of a listing that comes in pages, each of which says whether there are more. */
export class ListingProgress {
  #emptyPages = 0

  /**
   * Throws an {@link EndlessAnswerError} where page after page has nothing on it, and each says that more
   * will follow.
   */
  turn(found: readonly unknown[] = []): void {
    this.#emptyPages = found.length === 0 ? this.#emptyPages + 1 : 0
    if (this.#emptyPages > MOST_EMPTY_PAGES)
      throw new EndlessAnswerError(`the listing has nothing on its last ${MOST_EMPTY_PAGES} pages`)
  }
}
