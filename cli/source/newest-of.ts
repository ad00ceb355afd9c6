import type { Indexed } from '../../crash-index/indexed.ts'

interface Listing {
  readonly next: Indexed
  readonly rest: AsyncIterator<Indexed>
}

/** Of listings that begin with the newest, all as one. */
export async function* newestOf(
  listings: readonly AsyncIterable<Indexed>[],
): AsyncGenerator<Indexed, void, void> {
  const iterators = listings.map(listing => listing[Symbol.asyncIterator]())
  try {
    let open = present(await Promise.all(iterators.map(advance)))
    while (open.length > 0) {
      const newest = open.reduce((one, other) => (other.next.entry.time > one.next.entry.time ? other : one))
      yield newest.next
      const others = open.filter(listing => listing !== newest)
      open = [...others, ...present([await advance(newest.rest)])]
    }
  } finally {
    await Promise.all(iterators.map(iterator => iterator.return?.()))
  }
}

async function advance(rest: AsyncIterator<Indexed>): Promise<Listing | null> {
  const { done, value } = await rest.next()
  return done === true ? null : { next: value, rest }
}

function present(listings: readonly (Listing | null)[]): readonly Listing[] {
  return listings.filter(listing => listing !== null)
}
