import { codeOf } from '../../crash/system-error.ts'

let taken = 0

/** Part of a name that nobody else has while we run: the pid, and how often we asked. */
export function ownMark(): string {
  taken += 1
  return `${process.pid}-${taken}`
}

/** Whether the process with that pid is over, so that nobody needs what it has left. */
export function isGone(pid: string | undefined): boolean {
  if (pid === undefined) return false
  try {
    process.kill(Number(pid), 0)
    return false
  } catch (error) {
    return codeOf(error) === 'ESRCH'
  }
}
