import type { Programs } from './programs.ts'
import type { Scratch } from './scratch.ts'

/** Who takes a core: what the kernel starts, and how its output is read again. */
export interface Contestant {
  readonly name: string
  /** Names of those whom ours is compared with. Ours are those that have some. */
  readonly peers: readonly string[]
  /**
   * For /bin/sh, the core on stdin; `"$@"` is what the kernel says of the crash. Measured itself, if
   * {@link metered}.
   */
  readonly command: string
  /** Whether {@link command} is to be run by our meter; else it has the meter in itself. */
  readonly metered: boolean
  /** What stands behind the program in core_pattern. */
  readonly kernelArguments: string
  /** With which cores it takes part, by their names; left out: with all. */
  readonly cores?: readonly string[]
  /** In how many rounds it runs at the most: who is far off needs no median. */
  readonly rounds: number
  /** Its output is here, in files whose names begin with `core`. */
  readonly folder: string
  /** For sh, `$1` being the file: writes the core on stdout. `null`: nothing was kept. */
  readonly unpack: string | null
}

/** Who cannot take part, and why. */
export interface Absent {
  readonly name: string
  readonly reason: string
}

export interface Place {
  readonly scratch: Scratch
  readonly programs: Programs
  /** The meter adds its lines here. */
  readonly result: string
  /** Whether the kernel starts the contestant. */
  readonly byKernel: boolean
  /** IBM's composer on this machine; `null`: nobody said where. */
  readonly composer: string | null
  /** What has to be ended and removed at the end of all. */
  readonly cleanUp: AsyncDisposableStack
}

/** Looks whether one can take part here, and prepares it. */
export type Offer = (place: Place) => Promise<Contestant | Absent>

export function isAbsent(one: object): one is Absent {
  return 'reason' in one
}

/** `text` as one word of a shell. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`
}
