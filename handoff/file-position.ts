import { readFileSync } from 'node:fs'

/** Where the next read(2) begins, or, behind a write(2) that appended, where that ended: Node has no lseek(2). */
export function positionOf(fd: number): number {
  return Number(/^pos:\s*(\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'latin1'))?.[1])
}
