import type { ReportFrame } from '../../crash/report.ts'
import type { DebuggerFrame } from './debuggers.ts'

/** How many of the innermost frames are compared. */
const COMPARED = 10

/** A frame that is not as either debugger has it. */
export interface Difference {
  readonly index: number
  readonly ours: string
  readonly gdb: string
  readonly elfutils: string
}

export interface Comparison {
  readonly frames: number
  readonly differences: readonly Difference[]
}

/**
 * Each frame that we or gdb have, of the first ten: by what its function is called, and by the address, of which
 * the last three digits are the same wherever a file was loaded. Where the debuggers differ, each is right: one
 * has symbols that the other does not look at, and gives up where the other goes on. Of a program without symbols,
 * whose names they have from another file, the addresses are compared.
 */
export function compareStacks(
  ours: readonly ReportFrame[] = [],
  gdb: readonly DebuggerFrame[] = [],
  elfutils: readonly DebuggerFrame[] = [],
  { hasSymbols }: { readonly hasSymbols: boolean },
): Comparison {
  const physical = ours.filter(({ inlined }) => inlined !== true).map(frameOf)
  const longest = Math.max(physical.length, gdb.length, elfutils.length)
  const frames = Math.min(COMPARED, longest)
  const differences = Array.from({ length: frames }, (_, index) => index)
    .filter(index => ![gdb, elfutils].some(stack => isSame(physical[index], stack[index], hasSymbols)))
    .filter(index => !isInvented(physical[index], gdb[index], elfutils[index]))
    .map(index => ({
      index,
      ours: shown(physical[index]),
      gdb: shown(gdb[index]),
      elfutils: shown(elfutils[index]),
    }))
  return { frames, differences }
}

const PAGE_BYTES = 4096n

function isSame(
  ours: DebuggerFrame | undefined,
  theirs: DebuggerFrame | undefined,
  hasSymbols: boolean,
): boolean {
  if (ours === undefined || theirs === undefined) return false
  if (ours.address % PAGE_BYTES !== theirs.address % PAGE_BYTES) return false
  // eu-stack names what a signal handler returns to.
  if (ours.name === SIGNAL_FRAME)
    return theirs.name === SIGNAL_FRAME || /restore_rt|sigreturn/.test(theirs.name ?? '')
  return plain(ours.name) === plain(theirs.name) || (ours.name === null && !hasSymbols)
}

/** Where a stack ends gdb takes what lies there for one or two frames more, which have no name. */
function isInvented(...[ours, gdb, elfutils]: (DebuggerFrame | undefined)[]): boolean {
  return ours === undefined && elfutils === undefined && gdb?.name === null
}

const SIGNAL_FRAME = '<signal handler called>'

function frameOf({ address, function: name }: ReportFrame): DebuggerFrame {
  return { address: BigInt(address ?? 0), name: name ?? null }
}

/** Without what one says and another leaves out: arguments, versions of symbols, underscores, Rust's hashes. */
function plain(name: string | null): string {
  let rest = (name ?? '??').replace(/@.*$|::h[0-9a-f]{16}$|(?<=^\w+)\[[0-9a-f]{16}\]/g, '')
  for (let before = ''; rest !== before; ) {
    before = rest
    rest = rest.replace(/\([^()<>]*\)(?: const)?|<[^()<>]*>/g, '')
  }
  // What was too long was cut.
  return rest
    .replace(/[(<].*$/, '')
    .replace(/^.* (?=\S)/, '')
    .replace(/^_+/, '')
}

function shown(frame: DebuggerFrame | undefined): string {
  return frame === undefined ? '-' : `${frame.name ?? '??'} 0x${frame.address.toString(16)}`
}
