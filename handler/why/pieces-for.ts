import type { Memory } from '../../crash/image/memory.ts'
import type { ReadMemory } from '../../crash/process-memory.ts'
import type { Piece } from './evidence.ts'
import { pieceAt } from './process-memory.ts'

const PAGE_BYTES = 4096n
/** The next one with it: what is asked for may lie in both. */
const PIECE_BYTES = 2 * Number(PAGE_BYTES)

/** To follow a pointer takes a round. */
export interface Limits {
  readonly rounds: number
  readonly pages: number
  /** After so long no more is begun. */
  readonly seconds: number
}

const USUAL: Limits = { rounds: 10, pages: 256, seconds: 10 }

/**
 * The memory that `find` asks for, and so will ask for again: what it finds only when it has what it found. Read in
 * pages, all that it misses at once, for a process is held meanwhile.
 */
export async function piecesFor(
  find: (memory: Memory) => unknown,
  known: readonly Piece[],
  read: ReadMemory,
  limits = USUAL,
): Promise<Piece[]> {
  const end = performance.now() + limits.seconds * 1000
  const pages = new Map<bigint, Piece | null>()
  for (let round = 0; round < limits.rounds && pages.size < limits.pages; round += 1) {
    const missed = performance.now() > end ? [] : missedBy(find, known, pages)
    if (missed.length === 0) break
    const wanted = missed.slice(0, limits.pages - pages.size)
    await Promise.all(
      wanted.map(async address => {
        const bytes = await read(address, PIECE_BYTES)
        pages.set(address, bytes && bytes.length > 0 ? { address, bytes } : null)
      }),
    )
  }
  return [...pages.values()].filter(page => page !== null)
}

function missedBy(
  find: (memory: Memory) => unknown,
  known: readonly Piece[],
  pages: ReadonlyMap<bigint, Piece | null>,
): bigint[] {
  const missed = new Set<bigint>()
  find({
    read(address, lengthBytes) {
      const page = address - (address % PAGE_BYTES)
      const near = [pages.get(page), pages.get(page - PAGE_BYTES)].filter(piece => piece != null)
      const found = pieceAt(near, address, lengthBytes) ?? pieceAt(known, address, lengthBytes)
      if (found === null && lengthBytes <= PAGE_BYTES && !pages.has(page)) missed.add(page)
      return found
    },
  })
  return [...missed]
}
