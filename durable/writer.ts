import { readFile } from 'node:fs/promises'
import path from 'node:path'

/** Ourselves, as another process can find us again. */
export async function thisWriter(procFolder = '/proc'): Promise<Writer> {
  const stat = parseStat(await readFile(path.join(procFolder, 'self/stat'), 'utf8'))
  if (stat === null)
    throw new Error(`Cannot read "${procFolder}/self/stat": it is not as proc_pid_stat(5) says`)
  const { pid, startTicks } = stat
  return { pid, startTicks, bootId: await bootIdOf(procFolder) }
}

/** Whether that very process still runs. `procFolder`: of the pid namespace that it is in. */
export async function isAlive({ pid, startTicks, bootId }: Writer, procFolder = '/proc'): Promise<boolean> {
  if (bootId !== (await bootIdOf(procFolder))) return false
  const text = await readFile(path.join(procFolder, String(pid), 'stat'), 'utf8').catch(() => null)
  const stat = text === null ? null : parseStat(text)
  // A zombie writes no more.
  return stat !== null && stat.startTicks === startTicks && !'ZX'.includes(stat.state)
}

async function bootIdOf(procFolder: string): Promise<string> {
  return (await readFile(path.join(procFolder, 'sys/kernel/random/boot_id'), 'utf8')).trim()
}

/** The name of the program stands in brackets and may hold anything, brackets too: proc_pid_stat(5). */
function parseStat(text: string): { pid: number; state: string; startTicks: number } | null {
  const [, pid, rest = ''] = /^(\d+) \(.*\) (.*)$/s.exec(text) ?? []
  const fields = rest.split(' ')
  const startTicks = Number(fields[19])
  if (pid === undefined || !Number.isSafeInteger(startTicks)) return null
  return { pid: Number(pid), state: fields[0] ?? '', startTicks }
}

/** A process, so that another one with its number is not taken for it. */
export interface Writer {
  readonly pid: number
  /** Field 22 of /proc/<pid>/stat. */
  readonly startTicks: number
  /** /proc/sys/kernel/random/boot_id */
  readonly bootId: string
}
