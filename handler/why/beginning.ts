import { parseProcStat } from '../../crash/proc-stat.ts'
import type { Proc } from '../identity/proc.ts'

/** When a process or a thread began, in milliseconds since 1970; 0: it is not known. */
export type Beginning = number

/** Of all processors that we run on: sysconf(_SC_CLK_TCK) is 100. */
const TICK_MS = 10

/** `folder`: its own in /proc. */
export async function beginningOf(folder: string, proc: Pick<Proc, 'read'>): Promise<Beginning> {
  const [stat, uptime] = await Promise.all([
    proc.read(`${folder}/stat`, 4096),
    proc.read('/proc/uptime', 128),
  ])
  const ticks = parseProcStat(stat ?? '')?.startTicks
  const upMs = Number.parseFloat(uptime ?? '') * 1000
  return ticks === undefined || Number.isNaN(upMs) ? 0 : Date.now() - upMs + ticks * TICK_MS
}

/** A file may be on another node, which has another clock. */
const SKEW_MS = 1000

/** Whether a file was written since then: in a container each life has the same number, and a volume outlives them. */
export function isSince({ mtimeMs }: { readonly mtimeMs: number }, beginning: Beginning): boolean {
  return mtimeMs > beginning - SKEW_MS
}
