import { codeFiles } from '../../crash/code-files.ts'
import type { CoreHead } from '../../crash/core-head.ts'
import type { KernelArgs } from '../../crash/kernel-args.ts'
import type { Proc } from '../identity/proc.ts'
import type { OpenModule } from './evidence.ts'
import type { Remains } from './remains.ts'
import { runtimeFiles } from './runtime-files.ts'
import { senderOf } from './sender.ts'
import { threadNames } from './thread-names.ts'

/** All of it takes some milliseconds; a file on a network file system that went away would take for ever. */
const PATIENCE_SECONDS = 1
const MOST_MODULES = 256

/** A process that the kernel holds, by its crashing thread: the first one may have left. */
export function heldProcess(args: KernelArgs, head: CoreHead, proc: Proc): Remains {
  const { pid, threadId = pid, crashedAt } = args
  return {
    memory: (address, lengthBytes) => proc.memory(`/proc/${pid}/task/${threadId}/mem`, address, lengthBytes),
    code: async () => ({
      modules: await openModules(head, range => proc.open(`/proc/${pid}/map_files/${range}`)),
      unopened: [],
    }),
    sender: sentBy => senderOf(args, sentBy, proc),
    runtimeFiles: itsPid =>
      runtimeFiles({ thread: `/proc/${pid}/task/${threadId}`, pid: itsPid, crashedAt, head }, proc),
    threadNames: tids => threadNames(args, tids, proc),
    patienceSeconds: PATIENCE_SECONDS,
  }
}

/** By any of their mappings: the kernel opens the file itself, whatever its path leads to. */
async function openModules(
  head: CoreHead,
  open: (range: string) => ReturnType<Proc['open']>,
): Promise<OpenModule[]> {
  const opening = [...codeFiles(head)].slice(0, MOST_MODULES).map(async ([path, ranges]) => {
    const [first] = ranges
    const file = first === undefined ? null : await open(`${hex(first.start)}-${hex(first.end)}`)
    return file === null ? null : { path, ...file, ranges }
  })
  return (await Promise.all(opening)).filter(module => module !== null)
}

function hex(address: bigint): string {
  return address.toString(16)
}
