import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { isStillRunning, parseProcStat } from '../crash/proc-stat.ts'

/** Ourselves, as another process can find us again. */
export async function thisWriter(): Promise<Writer> {
  const stat = parseProcStat(await readFile('/proc/self/stat', 'utf8'))
  if (stat === null) throw new Error('Cannot read "/proc/self/stat": it is not as proc_pid_stat(5) says')
  const { pid, startTicks } = stat
  return { pid, startTicks, bootId: await bootIdOf('/proc') }
}

/** Whether that very process still runs. `procFolder`: of the pid namespace that it is in. */
export async function isAlive({ pid, startTicks, bootId }: Writer, procFolder = '/proc'): Promise<boolean> {
  if (bootId !== (await bootIdOf(procFolder))) return false
  const text = await readFile(path.join(procFolder, String(pid), 'stat'), 'utf8').catch(() => null)
  return text !== null && isStillRunning(text, startTicks)
}

async function bootIdOf(procFolder: string): Promise<string> {
  return (await readFile(path.join(procFolder, 'sys/kernel/random/boot_id'), 'utf8')).trim()
}

/** A process, so that another one with its number is not taken for it. */
export interface Writer {
  readonly pid: number
  /** Field 22 of /proc/<pid>/stat. */
  readonly startTicks: number
  /** /proc/sys/kernel/random/boot_id */
  readonly bootId: string
}
