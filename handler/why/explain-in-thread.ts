import { Worker } from 'node:worker_threads'
import { backWithin } from '../../time/left-behind.ts'
import type { Evidence } from './evidence.ts'
import type { Explanation } from './explain.ts'
import { threadSource } from './thread-source.ts'

// The tables of the largest programs, Node and the JVM, take under a second; a disk may hang.
const DEADLINE_SECONDS = 10
const LONGEST_END_SECONDS = 1
/** Of JavaScript's objects; what is read of files is beside it, and has bounds of its own. */
const MEMORY = { maxYoungGenerationSizeMb: 8, maxOldGenerationSizeMb: 128, stackSizeMb: 4 }

/**
 * In a thread of its own: what the files say was chosen by a tenant, and it must neither end the handler nor keep
 * it. Never rejects; `null`: there was no answer in time.
 */
export async function explainInThread(evidence: Evidence): Promise<Explanation | null> {
  const answer = Promise.withResolvers<Explanation | null>()
  const worker = new Worker(threadSource, {
    eval: typeof threadSource === 'string',
    workerData: evidence,
    env: {},
    execArgv: [],
    resourceLimits: MEMORY,
  })
  worker.once('message', answer.resolve)
  worker.once('error', () => answer.resolve(null))
  worker.once('exit', () => answer.resolve(null))
  const timer = setTimeout(() => answer.resolve(null), DEADLINE_SECONDS * 1000)
  const explanation = await answer.promise
  clearTimeout(timer)
  // A thread that hangs in a file system is counted, for it keeps the process from ending.
  await backWithin(worker.terminate(), LONGEST_END_SECONDS)
  return explanation
}
