import { messageOf } from '../../crash/errors.ts'
import type { SymbolsAsked, SymbolsTold } from './symbol-names.ts'
import { THREAD_LIMITS } from './thread-limits.ts'
import { startThread } from './thread-source.ts'

/** What came of it: all that was told by then, why it was not all of it, and when the files are read no more. */
export interface Naming {
  readonly told: readonly SymbolsTold[]
  readonly trouble: string | null
  readonly ended: Promise<unknown>
}

/**
 * Looks names up in a thread of its own, until `late`: files that came from elsewhere must neither end the handler
 * nor keep it. Never rejects.
 */
export async function nameInThread(
  asked: readonly SymbolsAsked[],
  late: Promise<unknown>,
  start = startThread,
): Promise<Naming> {
  const told: SymbolsTold[] = []
  const over = Promise.withResolvers<string | null>()
  try {
    const worker = start({ env: {}, execArgv: [], resourceLimits: THREAD_LIMITS })
    worker.on('message', (one: SymbolsTold) => told.push(one))
    let failure: string | null = null
    // Not once: one that nothing hears ends us. What the thread told before may come after it, but before its exit.
    worker.on('error', cause => {
      failure ??= messageOf(cause)
    })
    worker.once('exit', () =>
      over.resolve(failure ?? (told.length === asked.length ? null : 'its thread ended')),
    )
    worker.postMessage({ symbols: asked })
    const trouble = await Promise.race([over.promise, late.then(() => 'there was no time for it')])
    return { told: [...told], trouble, ended: worker.terminate() }
  } catch (cause) {
    return { told: [], trouble: `no thread could be started: ${messageOf(cause)}`, ended: Promise.resolve() }
  }
}
