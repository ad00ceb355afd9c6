import path from 'node:path'
import { parseKernelArgs } from '../../crash/kernel-args.ts'

/** Why the kernel gave up a core before any handler saw it. */
type DropReason = 'over-pipe-limit' | 'handler-not-started' | 'no-core-wanted' | 'pipes-disabled'

/** A core that the kernel dropped, or could not begin. */
export interface KernelDrop {
  readonly reason: DropReason
  /** What the kernel wrote, made printable by itself. */
  readonly text: string
  /** As the process itself sees it: in its own pid namespace. */
  readonly namespacedPid?: number
  /** In the node's pid namespace. */
  readonly pid?: number
  readonly comm?: string
  readonly hint: string
}

const HINTS: Record<DropReason, string> = {
  'over-pipe-limit':
    'More processes crashed at once than kernel.core_pipe_limit allows: see whether the store is slow, and raise limits.concurrency.',
  'handler-not-started':
    'The kernel could not start the program in kernel.core_pattern: run `coredog-handler installer status` on this node.',
  'no-core-wanted':
    'The process set its RLIMIT_CORE to 1, which asks the kernel for no core: set another value.',
  'pipes-disabled':
    'The kernel was built with CONFIG_STATIC_USERMODEHELPER and starts no programs: use another kernel, or the fallback without a pipe.',
}

// fs/coredump.c. Since Linux 6.12 each begins with `coredump: <pid>(<comm>): `, is one record, and is rate
// limited: ten in five seconds. Before, the pid and the name are there where shown, and "Skipping core dump"
// or "Aborting core" follows as a record of its own.
const AS_OF_6_12 = /^coredump: (?<pid>\d+)\((?<comm>.*)\): (?<rest>.*)$/
const WITH_PREFIX: readonly (readonly [RegExp, DropReason])[] = [
  [/^over core_pipe_limit/, 'over-pipe-limit'],
  [/^\|.* pipe failed$/, 'handler-not-started'],
  [/^RLIMIT_CORE is set to 1/, 'no-core-wanted'],
  [/^Core dump to \|.* disabled$/, 'pipes-disabled'],
]
const BEFORE_6_12: readonly (readonly [RegExp, DropReason])[] = [
  [/^Pid (?<pid>\d+)\((?<comm>.*)\) over core_pipe_limit$/, 'over-pipe-limit'],
  [/^Process (?<pid>\d+)\((?<comm>.*)\) has RLIMIT_CORE set to 1$/, 'no-core-wanted'],
  [/^Core dump to \|(?<command>.*) pipe failed$/, 'handler-not-started'],
  [/^Core dump to \|(?<command>.*) disabled$/, 'pipes-disabled'],
]

/**
 * A record of /dev/kmsg: `priority,sequence,microseconds,flags[,…];message`
 * (Documentation/ABI/testing/dev-kmsg).
 */
export interface KernelRecord {
  readonly sequence: number
  readonly drop: KernelDrop | null
}

/** `null` for what is no record, such as the ` KEY=value` lines after one. */
export function parseKernelRecord(line: string): KernelRecord | null {
  const [, priority, sequence, text] = /^(\d+),(\d+),\d+,[^;]*;(.*)$/.exec(line) ?? []
  if (priority === undefined || sequence === undefined || text === undefined) return null
  // Above the three bits of severity is the facility: 0 is the kernel, and no other program can write as it.
  const byKernel = Number(priority) >> 3 === 0
  return { sequence: Number(sequence), drop: byKernel ? parseDrop(text) : null }
}

/** What a message of the kernel says of a core that no handler saw; `null` if it is about anything else. */
export function parseDrop(text: string): KernelDrop | null {
  const { pid, comm, rest } = AS_OF_6_12.exec(text)?.groups ?? {}
  if (rest !== undefined) {
    const reason = WITH_PREFIX.find(([shape]) => shape.test(rest))?.[1]
    return reason === undefined ? null : dropOf(reason, text, { pid, comm })
  }
  for (const [shape, reason] of BEFORE_6_12) {
    const found = shape.exec(text)
    if (found !== null) return dropOf(reason, text, found.groups ?? {})
  }
  return null
}

interface Found {
  readonly pid?: string | undefined
  readonly comm?: string | undefined
  readonly command?: string | undefined
}

function dropOf(reason: DropReason, text: string, { pid, comm, command }: Found): KernelDrop {
  return {
    reason,
    text,
    ...(pid === undefined ? {} : { namespacedPid: Number(pid) }),
    ...(comm === undefined ? {} : { comm }),
    ...(command === undefined ? {} : processOf(command)),
    hint: HINTS[reason],
  }
}

/** Kernels that split the pattern late print it filled in; if it was ours, it says whose core it was. */
function processOf(command: string): Pick<KernelDrop, 'pid' | 'comm'> {
  const [program = '', ...args] = command.split(' ')
  if (path.basename(program) !== 'coredog-handler' || !/^[1-9]\d{0,9}$/.test(args[0] ?? '')) return {}
  const { pid, comm } = parseKernelArgs(args)
  return { pid, comm }
}
