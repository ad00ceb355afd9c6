import type { KernelArgs } from '../crash/kernel-args.ts'
import { fdinfoFields, statusFields } from '../crash/proc-fields.ts'
import type { Proc } from './proc.ts'
import { redactArguments } from './redact.ts'

/** What could be seen of the process while the kernel held it. */
export interface Observed {
  /** Text of /proc/<pid>/cgroup; `null` if it could not be read. */
  readonly cgroup: string | null
  readonly executable?: string
  readonly arguments?: readonly string[]
  readonly namespacedPid?: number
  readonly uid?: number
  readonly gid?: number
  readonly threads?: number
  /** Memory of the process that is not zeros for sure: resident, swapped and huge pages. */
  readonly residentBytes?: number
  /**
   * Why what was seen may be another process's, which got the same pid after this one was killed.
   * All that was seen is then forgotten: a core must never be shown as somebody else's.
   */
  readonly unverified?: string
}

/** Nothing certain was seen. */
export function unverified(reason: string): Observed {
  return { cgroup: null, unverified: reason }
}

// Enough for any command line that a person wants to read; the kernel allows megabytes.
const LONGEST_COMMAND_LINE_BYTES = 32 * 1024

/**
 * Looks at the crashed process, which is there for sure only until its core is read to the end.
 *
 * A SIGKILL frees the pid while we look, and another process may get it (CVE-2025-4598 was that). So
 * the kernel's pidfd must still name it, it must be dumping, and it must be the same before and after.
 */
export async function observe(args: KernelArgs, proc: Proc): Promise<Observed> {
  const { pid } = args
  const before = startTime(await proc.read(`/proc/${pid}/stat`, 4096))
  const [status, cgroup, executable, commandLine] = await Promise.all([
    proc.read(`/proc/${pid}/status`, 65536),
    proc.read(`/proc/${pid}/cgroup`, 65536),
    proc.link(`/proc/${pid}/exe`),
    proc.read(`/proc/${pid}/cmdline`, LONGEST_COMMAND_LINE_BYTES),
  ])
  const pidfd = args.pidFd === undefined ? null : await proc.read(`/proc/self/fdinfo/${args.pidFd}`, 4096)
  const after = startTime(await proc.read(`/proc/${pid}/stat`, 4096))
  const reason = doubt({ pid, before, after, status, pidfd })
  if (reason !== null) return unverified(reason)
  return {
    cgroup,
    ...(cgroup === null ? { unverified: `the cgroup of process ${pid} could not be read` } : {}),
    ...(executable === null ? {} : { executable: executable.replace(/ \(deleted\)$/, '') }),
    ...(commandLine ? { arguments: redactArguments(splitCommandLine(commandLine)) } : {}),
    ...(status === null ? {} : numbersIn(status)),
  }
}

interface Evidence {
  readonly pid: number
  readonly before: string | null
  readonly after: string | null
  readonly status: string | null
  readonly pidfd: string | null
}

/** The first reason to doubt that what was read is of the crashed process, or `null`. */
function doubt({ pid, before, after, status, pidfd }: Evidence): string | null {
  if (status === null || before === null) return `process ${pid} was gone before it could be looked at`
  if (before !== after) return `process ${pid} was replaced by another while it was looked at`
  const held = pidfd === null ? undefined : fdinfoFields(pidfd).get('Pid')
  if (held !== undefined && Number(held) !== pid)
    return `the kernel's pidfd is of process ${held}, not ${pid}`
  // Linux 4.15 and newer say it.
  const dumping = statusFields(status).get('CoreDumping')
  if (dumping !== undefined && dumping !== '1') return `process ${pid} is not dumping core`
  return null
}

/** Field 22 of proc_pid_stat(5); the comm before it may hold spaces and parentheses. */
function startTime(stat: string | null): string | null {
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null
}

function numbersIn(status: string): Partial<Observed> {
  const fields = statusFields(status)
  const numbers = {
    namespacedPid: lastNumber(fields.get('NSpid')),
    uid: firstNumber(fields.get('Uid')),
    gid: firstNumber(fields.get('Gid')),
    threads: firstNumber(fields.get('Threads')),
    residentBytes: residentBytes(fields),
  }
  return Object.fromEntries(Object.entries(numbers).filter(([, value]) => value !== undefined))
}

function residentBytes(fields: ReadonlyMap<string, string>): number | undefined {
  const kibibytes = ['VmRSS', 'VmSwap', 'HugetlbPages'].map(name => firstNumber(fields.get(name)))
  return kibibytes[0] === undefined
    ? undefined
    : kibibytes.reduce<number>((sum, kiB) => sum + (kiB ?? 0) * 1024, 0)
}

function firstNumber(value: string | undefined): number | undefined {
  const match = /\d+/.exec(value ?? '')
  return match === null ? undefined : Number(match[0])
}

function lastNumber(value: string | undefined): number | undefined {
  return firstNumber(value?.split('\t').at(-1))
}

function splitCommandLine(text: string): string[] {
  return text.replace(/\0$/, '').split('\0')
}
