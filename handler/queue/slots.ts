import type { LimitsConfig } from '../../config/config.ts'

/** How many handlers of a node may be at it at once. */
export interface Slots {
  /** Reads a core, whose process is held. */
  readonly stream: number
  /** Has read it, and still sends. */
  readonly upload: number
  /** Sends what came with the head of a core, or a report alone. */
  readonly rest: number
}

/** See {@link slotsIn}. */
export const MOST_RESTS = 4

const MIB = 2 ** 20
// As measured (threads.ts): what all handlers share, and what one has for itself while it reads, afterwards,
// and for a report.
const SHARED_BYTES = 62 * MIB
const STREAM_BYTES = 112 * MIB
const UPLOAD_BYTES = 80 * MIB
const REST_BYTES = 45 * MIB

/**
 * As many read at once as `limits.concurrency` says. Beside them as many send as there is room for in
 * `limits.memory`, and at most half as many: with none, a handler that has read keeps its slot until it has
 * sent. One rest is always sent, for no other handler would send it.
 */
export function slotsIn({
  concurrency,
  memoryBytes,
}: Pick<LimitsConfig, 'concurrency' | 'memoryBytes'>): Slots {
  const limitBytes = memoryBytes === 0 ? Number.POSITIVE_INFINITY : memoryBytes
  const roomBytes = limitBytes - SHARED_BYTES - concurrency * STREAM_BYTES
  const rest = Math.max(1, Math.min(MOST_RESTS, Math.floor(roomBytes / REST_BYTES)))
  const uploads = Math.floor((roomBytes - rest * REST_BYTES) / UPLOAD_BYTES)
  return { stream: concurrency, rest, upload: Math.max(0, Math.min(Math.ceil(concurrency / 2), uploads)) }
}
