const MIB = 1024 * 1024
const MIN_PART_BYTES = 8 * MIB
const MAX_PART_BYTES = 5 * 1024 * MIB
export const MAX_PARTS = 10_000

// Compressing what cannot be compressed makes it larger: deflate by 5 bytes in 16 KiB, zstd by less.
const EXPANSION = 1.001

/**
 * The one size of all parts but the last, in bytes, for an object of at most `boundBytes` before compression.
 * Uniform, because R2 refuses parts that grow, and chosen so that 10,000 parts do.
 */
export function partSizeBytes(boundBytes: number): number {
  const needed = Math.ceil((boundBytes * EXPANSION) / MAX_PARTS / MIB) * MIB
  return Math.min(Math.max(needed, MIN_PART_BYTES), MAX_PART_BYTES)
}

// Two on their way and one being filled hide the store's latency. Larger parts need fewer: what
// must not grow with the core is memory, on a node where something has just crashed for want of it.
const MAX_BUFFERS = 3
const MEMORY_BYTES = 96 * MIB

/** How many parts are held in memory at once, 1 to 3. With 1, reading waits for the store. */
export function bufferCount(partBytes: number): number {
  return Math.max(1, Math.min(MAX_BUFFERS, Math.floor(MEMORY_BYTES / partBytes)))
}
