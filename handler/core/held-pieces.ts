import type { OpenMemory } from '../identity/proc.ts'
import type { CorePipe } from './core-pipe.ts'
import type { ReadPiece } from './lean-source.ts'

const PAGE_BYTES = 4096

// All of them are some megabytes, which takes some milliseconds. The process is held meanwhile.
const LONGEST_SECONDS = 10

/**
 * Pieces of a core from the memory of its process, as long as `pipe` holds that. A page that cannot be read is zeros,
 * as in the kernel's core.
 */
export function heldPieces(memory: OpenMemory, pipe: Pick<CorePipe, 'closedAt'>): ReadPiece {
  const end = performance.now() + LONGEST_SECONDS * 1000
  return async ({ address }, skip, block) => {
    if (pipe.closedAt !== null || performance.now() > end) return 0
    const bytes = await memory.read(address + BigInt(skip), block).catch(() => 0)
    return bytes ?? zeros(block.subarray(0, PAGE_BYTES))
  }
}

function zeros(page: Buffer): number {
  page.fill(0)
  return page.length
}
