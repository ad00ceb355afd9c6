import type { Standing } from './process-standing.ts'

/** The first process of a namespace of pids. */
export interface Init {
  /** Of the machine. */
  readonly pid: number
  /** How deep its namespace lies: 1 below the machine's. */
  readonly depth: number
}

// A tenant that has more loses its own crash to the handler of before.
const MOST_ANCESTORS = 1024

/**
 * The first processes of the namespaces that process `pid` is in, the outermost first; none on the machine itself.
 * Its own is no help if it is that one.
 */
export function initsAbove(pid: number, standingOf: (pid: number) => Standing | null): readonly Init[] {
  const inits: Init[] = []
  let child = standingOf(pid)
  for (let step = 0; step < MOST_ANCESTORS && child !== null; step += 1) {
    const parent = standingOf(child.parent)
    // A younger one has the pid of a parent that is gone.
    if (parent === null || parent.startedAt > child.startedAt) break
    const [machinesPid = 0, ...nested] = parent.pids
    if (nested.at(-1) === 1) inits.unshift({ pid: machinesPid, depth: nested.length })
    if (nested.length === 0) break
    child = parent
  }
  return inits
}
