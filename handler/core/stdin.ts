import { closeSync, openSync } from 'node:fs'

const STDIN = 0

/**
 * Moves what is on stdin to a file descriptor above the standard ones, and leaves /dev/null there. The core
 * must be closed early, and the number 0 would then go to whatever is opened next, the log for one, which
 * libraries take for "none" or "stdin". systemd's helper does the same.
 */
export function takeStdin(): number {
  const moved = reopened()
  if (moved === null) return STDIN
  closeSync(STDIN)
  openSync('/dev/null', 'r')
  return moved
}

/**
 * Closes what {@link takeStdin} gave. Where that was still number 0, as of a socket, /dev/null takes its place: libuv
 * ends a process that closes a standard descriptor as one of its own.
 */
export function closeTaken(fd: number): void {
  closeSync(fd)
  if (fd === STDIN) openSync('/dev/null', 'r')
}

/** Node has no dup(2), but a pipe and a file can be opened once more by their number; a socket cannot. */
function reopened(): number | null {
  try {
    return openSync(`/proc/self/fd/${STDIN}`, 'r')
  } catch {
    return null
  }
}
