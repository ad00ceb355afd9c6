import { isSomeCallHung } from '../time/left-behind.ts'

/**
 * Ends the process where a thread of it hangs in a mounted file system, or in another process's memory that
 * is a file of one, after `letGo` gave back what others wait for: `exit` would wait for that thread. In state
 * D it, and all that the process has open, is there until the file system comes back, so nothing that others
 * need may be open any more.
 */
export function endIfHung(letGo: () => void = () => undefined): void {
  if (!isSomeCallHung()) return
  letGo()
  process.kill(process.pid, 'SIGKILL')
}
