import { readFileSync } from 'node:fs'

/** Where a process stands among others. */
export interface Standing {
  readonly parent: number
  /** Its pid in each namespace of pids, from the machine's down to its own. */
  readonly pids: readonly number[]
  /** In ticks since the machine started. */
  readonly startedAt: number
}

/** Of `folder`, /proc/<pid> of the machine. `null`: it is gone. */
export function readStanding(folder: string): Standing | null {
  try {
    return parseStanding(readFileSync(`${folder}/status`, 'latin1'), readFileSync(`${folder}/stat`, 'latin1'))
  } catch {
    return null
  }
}

/** A process chooses its name alone, in which the kernel escapes line feeds. */
export function parseStanding(status: string, stat: string): Standing | null {
  const parent = Number(fieldOf(status, 'PPid') ?? Number.NaN)
  const pids = (fieldOf(status, 'NSpid') ?? '').split(/\s/).filter(Boolean).map(Number)
  const startedAt = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? Number.NaN)
  return pids.length > 0 && [parent, startedAt, ...pids].every(Number.isSafeInteger)
    ? { parent, pids, startedAt }
    : null
}

/** Of the text of a /proc/<pid>/status. */
export function fieldOf(status: string, name: string): string | null {
  const line = status.split('\n').find(text => text.startsWith(`${name}:`))
  return line === undefined ? null : line.slice(name.length + 1).trim()
}
