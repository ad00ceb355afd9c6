import type { Memory } from '../../crash/image/memory.ts'
import type { ReadMemory } from '../../crash/process-memory.ts'
import type { Piece } from './evidence.ts'
import { pieceAt } from './process-memory.ts'

const PAGE_BYTES = 4096
/** To follow a pointer takes one. */
const MOST_ROUNDS = 10
const MOST_PAGES = 256

/**
 * The memory that `find` asks for, and so will ask for again: what it finds only when it has what it found. Read in
 * pages, all that it misses at once, for a process is held meanwhile.
 */
export async function piecesFor(
  find: (memory: Memory) => unknown,
  known: readonly Piece[],
  read: ReadMemory,
): Promise<Piece[]> {
  const pages = new Map<bigint, Piece | null>()
  for (let round = 0; round < MOST_ROUNDS && pages.size < MOST_PAGES; round += 1) {
    const missed = missedBy(find, [...known, ...present(pages)], pages)
    if (missed.length === 0) break
    const wanted = missed.slice(0, MOST_PAGES - pages.size)
    await Promise.all(
      wanted.map(async address => {
        // The next one with it: a text may lie in both.
        const bytes = await read(address, 2 * PAGE_BYTES)
        pages.set(address, bytes && bytes.length > 0 ? { address, bytes } : null)
      }),
    )
  }
  return present(pages)
}

function missedBy(
  find: (memory: Memory) => unknown,
  pieces: readonly Piece[],
  asked: ReadonlyMap<bigint, unknown>,
): bigint[] {
  const missed = new Set<bigint>()
  find({
    read(address, lengthBytes) {
      const found = pieceAt(pieces, address, lengthBytes)
      const page = address - (address % BigInt(PAGE_BYTES))
      if (found === null && lengthBytes <= PAGE_BYTES && !asked.has(page)) missed.add(page)
      return found
    },
  })
  return [...missed]
}

function present(pages: ReadonlyMap<bigint, Piece | null>): Piece[] {
  return [...pages.values()].filter(page => page !== null)
}
