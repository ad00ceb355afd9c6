import type { WorkerOptions } from 'node:worker_threads'

/**
 * Of a thread that does one small thing: from a text, because a single executable has no file to begin with, and
 * with hardly any memory.
 */
export const LONE_THREAD: WorkerOptions = {
  eval: true,
  env: {},
  execArgv: [],
  resourceLimits: { maxYoungGenerationSizeMb: 1, maxOldGenerationSizeMb: 16, stackSizeMb: 1 },
}
