import { readSync } from 'node:fs'
import { type ModulePage, modulePageOf } from '../crash/crash-site.ts'
import type { KernelArgs } from '../crash/kernel-args.ts'
import type { CorePipe } from './core-pipe.ts'
import type { CoreStream } from './core-stream.ts'
import type { Proc } from './proc.ts'

/**
 * The first page of the file that crashed, which names its build: what to do with a crash is decided by it, before its
 * core has passed by. It is in the core's first block for most programs; for libraries `elsewhere` is asked.
 */
export async function findModulePage(
  core: CoreStream,
  elsewhere: (page: ModulePage) => Promise<Buffer | null>,
): Promise<Buffer | null> {
  const page = core.head === null ? null : modulePageOf(core.head)
  if (page === null) return null
  return (page.inCore === null ? null : core.begun(page.inCore)) ?? (await elsewhere(page))
}

/** From the memory of the process, which the kernel holds: by its crashing thread, for the first one may have left. */
export function inMemoryOf({ pid, threadId = pid }: KernelArgs, proc: Proc) {
  return ({ address, lengthBytes }: ModulePage) =>
    proc.memory(`/proc/${pid}/task/${threadId}/mem`, address, lengthBytes)
}

/** From a core that lies in a file. Where the file is read next stays as it is. */
export function inFileOf({ fd, closedAt }: CorePipe) {
  return async ({ inCore }: ModulePage): Promise<Buffer | null> => {
    // A file that has been read to its end, or to limits.maxCoreSize, holds no more.
    if (inCore === null || closedAt !== null) return null
    const memory = Buffer.alloc(inCore.lengthBytes)
    return memory.subarray(0, readSync(fd, memory, 0, memory.length, inCore.offset))
  }
}
