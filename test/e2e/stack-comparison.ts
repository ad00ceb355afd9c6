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
 * whose names they have from another file, the addresses are compared. What was inlined into a frame is compared with
 * gdb's.
 */
export function compareStacks(
  ours: readonly ReportFrame[] = [],
  gdb: readonly DebuggerFrame[] = [],
  elfutils: readonly DebuggerFrame[] = [],
  { hasSymbols }: { readonly hasSymbols: boolean },
): Comparison {
  const physical = physicalOf(ours)
  const longest = Math.max(physical.length, gdb.length, elfutils.length)
  const frames = Math.min(COMPARED, longest)
  const differences = Array.from({ length: frames }, (_, index) => index)
    .filter(
      index =>
        !isAsEither(physical[index], gdb[index], elfutils[index], hasSymbols) ||
        (hasSymbols && !hasSameInlined(physical[index], gdb[index])),
    )
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

function isAsEither(
  ours: DebuggerFrame | undefined,
  gdb: DebuggerFrame | undefined,
  elfutils: DebuggerFrame | undefined,
  hasSymbols: boolean,
): boolean {
  return [gdb, elfutils].some(theirs => isSame(ours, theirs, hasSymbols))
}

/** Where gdb has another stack, it is not asked. Methods of Rust it calls by the number of the block that they are in. */
function hasSameInlined(ours: DebuggerFrame | undefined, gdb: DebuggerFrame | undefined): boolean {
  if (ours === undefined || gdb === undefined || !isSame(ours, gdb, true)) return true
  const [one = [], other = []] = [ours.inlined, gdb.inlined].map(inlined => inlined?.map(methodOf))
  return one.join('\n') === other.join('\n')
}

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

function physicalOf(frames: readonly ReportFrame[]): DebuggerFrame[] {
  const physical: DebuggerFrame[] = []
  let inlined: (string | null)[] = []
  for (const { address, function: name = null, inlined: isInlined } of frames) {
    if (isInlined === true) {
      inlined.push(name)
      continue
    }
    physical.push({ address: BigInt(address ?? 0), name, inlined })
    inlined = []
  }
  return physical
}

/** Closures of Rust have numbers only in debug information. */
function methodOf(name: string | null): string | undefined {
  const parts = plain(name)
    .replace(/\{+closure(?:#\d+)?\}+/g, 'closure')
    .split('::')
  return parts.findLast(part => part !== '')
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
  if (frame === undefined) return '-'
  const inlined = (frame.inlined ?? []).map(name => `${name} in `).join('')
  return `${inlined}${frame.name ?? '??'} 0x${frame.address.toString(16)}`
}
