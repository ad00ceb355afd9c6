import { readFileSync } from 'node:fs'

/**
 * Seconds in which the main thread was ready to run and had no CPU, since it started (proc(5): `schedstat`,
 * the second number, nanoseconds). 0 where the kernel does not count them. A deadline on another's answer
 * must not run in them: two hundred handlers that start at once take up to four seconds for what takes 20 ms
 * of a CPU.
 */
export function waitedForCpuSeconds(): number {
  try {
    return Number(readFileSync('/proc/self/schedstat', 'latin1').split(' ')[1] ?? 0) / 1e9
  } catch {
    // A kernel without CONFIG_SCHED_INFO.
    return 0
  }
}
