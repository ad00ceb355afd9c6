import type { ReadMemory } from '../process-memory.ts'
import { extentOf } from './extent.ts'
import type { Layout } from './layout.ts'

/** A thread as the kernel knows it. */
export interface KernelThread {
  /** What pthread_self() says in it, where its registers tell: of x86-64. */
  readonly self?: bigint
  /** In the process's own pid namespace. */
  readonly tid?: number
}

const MOST_INTERPRETERS = 16
/** Of all interpreters: to ask for one takes a tenth of a millisecond, and the process is held. */
const MOST_THREADS = 256

/**
 * Where the PyThreadStates of a thread are: it has one in each interpreter that it was in, and there is mostly one.
 * None where there are so many others that it is not certain.
 */
export async function threadStatesOf(
  thread: KernelThread,
  runtime: bigint,
  layout: Layout,
  read: ReadMemory,
): Promise<readonly bigint[]> {
  const { nextAt, threadsAt } = layout.interpreter
  const states: bigint[] = []
  const budget = { left: MOST_THREADS }
  let interpreter = wordIn(await read(runtime + BigInt(layout.interpretersAt), 8), 0)
  for (let count = 0; interpreter !== 0n && count < MOST_INTERPRETERS; count += 1) {
    const first = wordIn(await read(interpreter + BigInt(threadsAt), 8), 0)
    const state = await stateBehind(first, thread, layout, { read, budget })
    if (budget.left < 0) return []
    if (state !== null) states.push(state)
    interpreter = wordIn(await read(interpreter + BigInt(nextAt), 8), 0)
  }
  return states
}

/** `null`: it has none, or too many others stand before it: then nothing of the `budget` is left. */
async function stateBehind(
  first: bigint,
  thread: KernelThread,
  layout: Layout,
  { read, budget }: { readonly read: ReadMemory; readonly budget: { left: number } },
): Promise<bigint | null> {
  const { nextAt, threadIdAt, nativeIdAt } = layout.thread
  for (let state = first; state !== 0n; ) {
    budget.left -= 1
    if (budget.left < 0) return null
    const bytes = await read(state, extentOf({ nextAt, threadIdAt, nativeIdAt }))
    if (bytes === null) return null
    if (isOf(bytes, thread, layout)) return state
    state = wordIn(bytes, nextAt)
  }
  return null
}

/** A process that was forked has its thread's own number anew, and what pthread_self() says as it was. */
function isOf(state: Buffer, { self, tid }: KernelThread, { thread }: Layout): boolean {
  if (self !== undefined) return wordIn(state, thread.threadIdAt) === self
  return tid !== undefined && wordIn(state, thread.nativeIdAt) === BigInt(tid)
}

function wordIn(bytes: Buffer | null, at: number): bigint {
  return bytes === null || at < 0 || bytes.length < at + 8 ? 0n : bytes.readBigUInt64LE(at)
}
