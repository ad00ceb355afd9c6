import type { Worker } from 'node:worker_threads'
import { messageOf } from '../../crash/errors.ts'
import { backWithin } from '../../time/left-behind.ts'
import { plain } from '../../untrusted/plain-text.ts'
import type { Circumstances } from './circumstances.ts'
import type { Evidence } from './evidence.ts'
import type { Explanation } from './explain.ts'
import { type Explained, type Explainer, explainerWithout, type Step } from './explainer.ts'
import { THREAD_LIMITS } from './thread-limits.ts'
import { startThread } from './thread-source.ts'

// Beside the core, and the files of the process are open meanwhile, which keeps a volume from being unmounted. The
// tables of the largest programs, Node and the JVM, take under a second of a processor; a disk may hang.
const DEADLINE_SECONDS = 60
const LONGEST_END_SECONDS = 1
const LONGEST_REASON = 200

/** Begins a thread, so that it is there when there is something to look at. */
export function explainInThread(start = startThread): Explainer {
  try {
    return new ThreadOfExplainer(start({ env: {}, execArgv: [], resourceLimits: THREAD_LIMITS }))
  } catch (cause) {
    return explainerWithout(`no thread could be started: ${messageOf(cause)}`)
  }
}

/**
 * In a thread of its own: what the files say was chosen by a tenant, and it must neither end the handler nor keep
 * it.
 */
class ThreadOfExplainer implements Explainer {
  readonly #worker: Worker
  readonly #site = Promise.withResolvers<string | null>()
  readonly #over = Promise.withResolvers<void>()
  #found: Explanation | null = null
  #trouble: string | null = null

  constructor(worker: Worker) {
    this.#worker = worker
    worker.on('message', (step: Step) => this.#take(step))
    // Not once: a thread that is out of memory may say so behind another error, and one that nothing hears ends us.
    worker.on('error', cause => {
      this.#trouble = messageOf(cause)
    })
    worker.once('exit', () => {
      this.#trouble ??= 'its thread ended'
      this.#site.resolve(null)
      this.#over.resolve()
    })
  }

  #take(step: Step): void {
    if ('site' in step) this.#site.resolve(step.site)
    else this.#found = step.explanation
  }

  async lookAt(evidence: Evidence): Promise<string | null> {
    this.#worker.postMessage(evidence)
    return await this.#site.promise
  }

  async explain(circumstances: Circumstances): Promise<Explained> {
    this.#worker.postMessage(circumstances)
    const timer = setTimeout(() => {
      this.#trouble = `it took longer than ${DEADLINE_SECONDS} s`
      this.#over.resolve()
    }, DEADLINE_SECONDS * 1000)
    await this.#over.promise
    clearTimeout(timer)
    await this.end()
    if (this.#found !== null) return { explanation: this.#found }
    return { unexplained: plain(`it could not be explained: ${this.#trouble}`, LONGEST_REASON) }
  }

  async end(): Promise<void> {
    this.#trouble ??= 'there was no time for it'
    this.#site.resolve(null)
    this.#over.resolve()
    // A thread that hangs in a file system is counted, for it keeps the process from ending.
    await backWithin(this.#worker.terminate(), LONGEST_END_SECONDS)
  }
}
