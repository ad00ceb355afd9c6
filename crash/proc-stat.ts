/** What a task's proc_pid_stat(5) says of it. */
export interface ProcStat {
  readonly pid: number
  /** One letter; `Z` and `X`: it has ended. */
  readonly state: string
  /** The kernel's PF_ bits: {@link PF_DUMPCORE}. */
  readonly flags: number
  /** Since boot, in ticks of the clock. With the pid and the boot, it is no other task's. */
  readonly startTicks: number
}

/**
 * Set while the kernel writes a core, of the one task of its process that crashed (include/linux/sched.h).
 */
export const PF_DUMPCORE = 0x200

/**
 * `null`: it is not as it should be. The name stands in brackets and may hold anything: brackets, blanks,
 * line feeds.
 */
export function parseProcStat(text: string): ProcStat | null {
  const [, pid, rest = ''] = /^(\d+) \(.*\) (.*)$/s.exec(text) ?? []
  const fields = rest.split(' ')
  const [flags, startTicks] = [Number(fields[6]), Number(fields[19])]
  if (pid === undefined || !Number.isSafeInteger(startTicks) || !Number.isSafeInteger(flags)) return null
  return { pid: Number(pid), state: fields[0] ?? '', flags, startTicks }
}

/** Whether that very process, which began then, still runs: `text` is what its number has now. A zombie does no more. */
export function isStillRunning(text: string, startTicks: number): boolean {
  const stat = parseProcStat(text)
  return stat !== null && stat.startTicks === startTicks && !'ZX'.includes(stat.state)
}
