import type { ResourceLimits } from 'node:worker_threads'

/** Of JavaScript's objects; what is read of files is beside it, and has bounds of its own. */
export const THREAD_LIMITS: ResourceLimits = {
  maxYoungGenerationSizeMb: 8,
  maxOldGenerationSizeMb: 128,
  stackSizeMb: 4,
}
