import { abortAt, instructionOfAbort } from '../../crash/abort.ts'
import type { KernelArgs } from '../../crash/kernel-args.ts'
import { type MemoryRange, modulePageOf, type ReadMemory } from '../../crash/process-memory.ts'
import type { Observed } from '../identity/observe.ts'
import type { Proc } from '../identity/proc.ts'
import type { CoreStream } from './core-stream.ts'

/**
 * The first page of the file that crashed, which names its build: what to do with a crash is decided by it,
 * before its core has passed by. It is in the core's first block for most programs; for libraries `elsewhere`
 * is asked.
 */
export async function findModulePage(core: CoreStream, elsewhere: ReadMemory): Promise<Buffer | null> {
  const page = core.head === null ? null : modulePageOf(core.head)
  return page === null ? null : await find(page, core, elsewhere)
}

/**
 * What the program called that died of a signal which it did not mean: {@link abortAt}. Code is not in a core
 * by default.
 */
export async function findAbort(
  { core, observed }: { readonly core: CoreStream; readonly observed: Pick<Observed, 'namespacedPid'> },
  page: Buffer | null,
  elsewhere: ReadMemory,
): Promise<string | null> {
  if (core.head === null) return null
  const range = instructionOfAbort(core.head, observed.namespacedPid ?? core.head.pid)
  const instruction = range === null ? null : await find(range, core, elsewhere)
  return instruction === null ? null : abortAt(core.head, instruction, page)
}

/** Reads the files of a process from /proc where the kernel left them out of its core. */
export async function supplyFiles(
  core: CoreStream,
  { pid, threadId = pid }: KernelArgs,
  proc: Proc,
): Promise<void> {
  if (core.head === null || core.head.files.length > 0) return
  const files = await proc.mappedFiles(`/proc/${pid}/task/${threadId}/maps`)
  if (files !== null) core.supplyFiles(files)
}

async function find(range: MemoryRange, core: CoreStream, elsewhere: ReadMemory): Promise<Buffer | null> {
  return (
    (range.inCore === null ? null : core.begun(range.inCore)) ??
    (await elsewhere(range.address, range.lengthBytes))
  )
}
