import { Worker, type WorkerOptions } from 'node:worker_threads'

/** Once the program is built, the thread's own text stands in the place of this module. */
export function startThread(options: WorkerOptions): Worker {
  return new Worker(new URL('./thread.ts', import.meta.url), options)
}
