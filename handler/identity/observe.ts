import { isRootCgroup } from '../../crash/cgroup.ts'
import type { KernelArgs } from '../../crash/kernel-args.ts'
import { withoutDeleted } from '../../crash/mapping.ts'
import { present } from '../../crash/present.ts'
import { fdinfoFields, statusFields } from '../../crash/proc-fields.ts'
import { PF_DUMPCORE, parseProcStat } from '../../crash/proc-stat.ts'
import { LONGEST_COMMAND_LINE_BYTES } from '../../untrusted/command-line.ts'
import type { Proc } from './proc.ts'

/** What could be seen of the process while the kernel held it. */
export interface Observed {
  /** Text of /proc/<pid>/cgroup; `null` if it could not be read. */
  readonly cgroup: string | null
  readonly executable?: string
  /** As in /proc, secrets and all: nothing writes it down, see {@link shownArguments}. */
  readonly commandLine?: string
  /** The same of proc_pid_environ(5), as it was when the program began. */
  readonly environment?: string
  readonly namespacedPid?: number
  readonly uid?: number
  readonly gid?: number
  readonly threads?: number
  /** Memory of the process that is not zeros for sure: resident, swapped and huge pages. */
  readonly residentBytes?: number
  /**
   * Why what was seen may be another process's, which got the same pid after this one was killed. All that
   * was seen is then forgotten: a core must never be shown as another pod's.
   */
  readonly unverified?: string
}

/** Nothing certain was seen. */
export function unverified(reason: string): Observed {
  return { cgroup: null, unverified: reason }
}

/**
 * Looks at the crashed process, which is there for sure only until its core is read to the end.
 *
 * A SIGKILL frees the pid while we look, and another process may get it (CVE-2025-4598 was that). So
 * the kernel's pidfd must still name it, it must be dumping, and it must be the same before and after.
 *
 * Only the crashing thread is asked. The first thread may have left by pthread_exit: it is a zombie then,
 * without executable and command line; and before Linux 5.16 a thread that is already exiting has the root
 * cgroup of v1.
 */
export async function observe(args: KernelArgs, proc: Proc): Promise<Observed> {
  const { pid } = args
  const thread = `/proc/${pid}/task/${args.threadId ?? (await dumpingThread(pid, proc))}`
  const before = startTicks(await proc.read(`${thread}/stat`, 4096))
  const [status, cgroup, executable, commandLine, environment] = await Promise.all([
    proc.read(`${thread}/status`, 65536),
    proc.read(`${thread}/cgroup`, 65536),
    proc.link(`${thread}/exe`),
    proc.read(`${thread}/cmdline`, LONGEST_COMMAND_LINE_BYTES),
    proc.read(`${thread}/environ`, LONGEST_ENVIRONMENT_BYTES),
  ])
  const unplaced = await whyNowhere(pid, cgroup, thread, proc)
  const pidfd = args.pidFd === undefined ? null : await proc.read(`/proc/self/fdinfo/${args.pidFd}`, 4096)
  const after = startTicks(await proc.read(`${thread}/stat`, 4096))
  const reason = doubt({ pid, before, after, status, pidfd })
  if (reason !== null) return unverified(reason)
  return {
    cgroup: unplaced === null ? cgroup : null,
    ...(unplaced === null ? {} : { unverified: unplaced }),
    ...(executable === null ? {} : { executable: withoutDeleted(executable) }),
    ...(commandLine ? { commandLine } : {}),
    ...(environment ? { environment } : {}),
    ...(status === null ? {} : numbersIn(status)),
  }
}

/**
 * The thread that the kernel is dumping, where core_pattern has no %I: of all threads it alone has
 * PF_DUMPCORE. The first one, if that cannot be told.
 */
async function dumpingThread(pid: number, proc: Proc): Promise<number> {
  for (const name of await proc.names(`/proc/${pid}/task`, MOST_THREADS)) {
    const stat = await proc.read(`/proc/${pid}/task/${name}/stat`, 4096)
    if (stat !== null && isDumping(stat)) return Number(name)
  }
  return pid
}

/** Many have 10 KiB; the kernel allows megabytes. */
export const LONGEST_ENVIRONMENT_BYTES = 128 * 1024

// Some 20 ms on a slow node.
const MOST_THREADS = 1024

function isDumping(stat: string): boolean {
  return ((parseProcStat(stat)?.flags ?? 0) & PF_DUMPCORE) !== 0
}

/**
 * Why its cgroup does not say whose it is, or `null` if it does. The root of every hierarchy is a place of
 * the node's own processes, but also of one that its runtime put nowhere: only a process in the node's
 * namespaces is the node's.
 */
async function whyNowhere(
  pid: number,
  cgroup: string | null,
  thread: string,
  proc: Proc,
): Promise<string | null> {
  if (cgroup === null) return `the cgroup of process ${pid} could not be read`
  if (!isRootCgroup(cgroup)) return null
  for (const namespace of ['pid', 'mnt']) {
    const [its, ours] = await Promise.all([
      proc.link(`${thread}/ns/${namespace}`),
      proc.link(`/proc/self/ns/${namespace}`),
    ])
    if (its === null || its !== ours)
      return `process ${pid} is in no cgroup, and its ${namespace} namespace is not known to be the node's`
  }
  return null
}

interface Evidence {
  readonly pid: number
  readonly before: number | null
  readonly after: number | null
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

function startTicks(stat: string | null): number | null {
  return stat === null ? null : (parseProcStat(stat)?.startTicks ?? null)
}

function numbersIn(status: string): Partial<Observed> {
  const fields = statusFields(status)
  return present({
    // NSpid is the thread's.
    namespacedPid: lastNumber(fields.get('NStgid')),
    uid: firstNumber(fields.get('Uid')),
    gid: firstNumber(fields.get('Gid')),
    threads: firstNumber(fields.get('Threads')),
    residentBytes: residentBytes(fields),
  })
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
