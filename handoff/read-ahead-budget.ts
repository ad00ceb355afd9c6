import type { LimitsConfig } from '../config/config.ts'

const SHARE = 1 / 8
const LEAST_BYTES = 256 * 2 ** 20
const MOST_BYTES = 4 * 2 ** 30

/**
 * How much of its cores a node may read ahead, for all handlers together, with so much memory available. With all
 * the memory that a node has, the most that it will ever be: by that the installer limits the handlers.
 */
export function readAheadBudget(
  { readAheadBytes }: Pick<LimitsConfig, 'readAheadBytes'>,
  memoryBytes: number,
): number {
  if (readAheadBytes !== 'auto') return readAheadBytes
  return Math.floor(Math.min(MOST_BYTES, Math.max(LEAST_BYTES, memoryBytes * SHARE)))
}
