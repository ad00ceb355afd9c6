import { OperatorError } from '../../crash/errors.ts'
import { Abortion } from '../../time/abortion.ts'
import { backBefore } from '../../time/left-behind.ts'

/**
 * How many calls may hang at once: each holds a thread of libuv's pool, which is one for the whole process.
 */
export const MOST_HUNG_CALLS = 2

// Then it may have been mounted anew, and a call that still hangs is one of the old mount.
const AGAIN_MS = 60_000

interface Hung {
  count: number
  since: number
}

/**
 * By mount path, because of the pool: a caller that opens a store anew must not lose another thread to it.
 */
const HUNG = new Map<string, Hung>()

/**
 * The calls to one mounted file system, of which any may hang for ever: a hard NFS mount, a FUSE daemon that
 * sleeps, a frozen disk.
 */
export class MountCalls {
  readonly #mountPath: string
  readonly #patienceSeconds: number

  constructor(mountPath: string, patienceSeconds: number) {
    this.#mountPath = mountPath
    this.#patienceSeconds = patienceSeconds
  }

  /**
   * As `work`, but rejects when patience is over or `signal` aborts. What `work` is in then may still happen,
   * whenever it comes back; from `overdue` it learns that the caller no longer waits, and it must not touch
   * the caller's memory any more. While a call hangs, others reject at once.
   */
  async answered<T>(work: (overdue: AbortSignal) => Promise<T>, signal?: AbortSignal): Promise<T> {
    if (this.#isHanging()) throw this.#hanging()
    const overdue = new AbortController()
    const call = work(overdue.signal)
    const late = Promise.withResolvers<never>()
    const onLate = () => {
      this.#countUntilBack(call)
      late.reject(this.#hanging())
    }
    const timer = setTimeout(onLate, this.#patienceSeconds * 1000)
    using abortion = new Abortion(signal)
    try {
      return await backBefore(
        call.finally(() => clearTimeout(timer)),
        Promise.race([late.promise, abortion.happened]),
      )
    } finally {
      overdue.abort()
    }
  }

  /** As `source`, each step of it answered. */
  async *each<T>(source: AsyncIterable<T>): AsyncGenerator<T, void, void> {
    const iterator = source[Symbol.asyncIterator]()
    try {
      for (;;) {
        const next = await this.answered(() => iterator.next())
        if (next.done === true) return
        yield next.value
      }
    } finally {
      // Not waited for: it may be what hangs.
      iterator.return?.().catch(() => undefined)
    }
  }

  #isHanging(): boolean {
    const hung = HUNG.get(this.#mountPath)
    if (hung === undefined) return false
    return hung.count >= MOST_HUNG_CALLS || performance.now() - hung.since < AGAIN_MS
  }

  #countUntilBack(call: Promise<unknown>): void {
    const hung = HUNG.get(this.#mountPath) ?? { count: 0, since: 0 }
    hung.count += 1
    hung.since = performance.now()
    HUNG.set(this.#mountPath, hung)
    onceBack(call, () => {
      hung.count -= 1
      if (hung.count === 0) HUNG.delete(this.#mountPath)
    })
  }

  #hanging(): OperatorError {
    return new OperatorError(
      `the file system at "${this.#mountPath}" does not answer: a call to it hangs for longer than ${this.#patienceSeconds} s`,
      'Look at the server of CFSMountPath, or at the program that serves it, and mount it again: until then cores wait in the spool.',
    )
  }
}

function onceBack(call: Promise<unknown>, then: () => void): void {
  call.then(then, then)
}
