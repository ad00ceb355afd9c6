import { readdirSync, readFileSync } from 'node:fs'
import { setPriority } from 'node:os'

/** Who compresses, against the one that reads: a process is held by the reading alone, as long as there is room. */
export interface PoolPriority {
  yieldToReader(isReading: boolean): void
}

export const NO_POOL_PRIORITY: PoolPriority = { yieldToReader: () => undefined }

// Sixty-eighth of the share of one at 0 (sched(7)). Where nothing else runs, they lose nothing.
const YIELDING_NICE = 19

/** As libuv calls the threads of its pool, since 1.50. */
const POOL_THREAD = 'libuv-worker\n'

/** That of libuv's threads in this process; on Linux each thread has its own. They are all there after the first call. */
export class OwnPoolPriority implements PoolPriority {
  #threads: readonly number[] | null = null
  #isYielding = false

  yieldToReader(isReading: boolean): void {
    if (isReading === this.#isYielding) return
    this.#isYielding = isReading
    this.#threads ??= poolThreads()
    for (const thread of this.#threads) setNice(thread, isReading ? YIELDING_NICE : 0)
  }
}

function poolThreads(): number[] {
  return readdirSync('/proc/self/task')
    .filter(thread => commOf(thread) === POOL_THREAD)
    .map(Number)
}

function commOf(thread: string): string {
  try {
    return readFileSync(`/proc/self/task/${thread}/comm`, 'utf8')
  } catch {
    // It has ended meanwhile.
    return ''
  }
}

/** To raise it again needs CAP_SYS_NICE, which the handler has and a test may not. */
function setNice(thread: number, nice: number): void {
  try {
    setPriority(thread, nice)
  } catch {
    // As it is, all works.
  }
}
