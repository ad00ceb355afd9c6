import type { Mapping } from '../mapping.ts'
import { type Fault, mappingAt } from './fault.ts'
import type { Reason } from './reason-code.ts'

const [MAPERR, ACCERR, SI_KERNEL] = [1, 2, 128]

const KIB = 1024n
const MIB = 1024n * KIB
/** How near to its end a stack is full: for a frame of a signal, and for what a function keeps beyond SP. */
const NEAR_BYTES = 64n * KIB
/** A function with large variables goes so far at once. */
const LARGEST_FRAME_BYTES = 64n * MIB

/**
 * Of a stack that is full: the stack pointer is near its end or beyond, and what was accessed lies between,
 * where nothing is mapped or the guard pages are. A kernel that found no room there for the frame of a signal
 * tells no address, but neither does a processor of a pointer that is no address. `null`: it is not, or it cannot
 * be told.
 */
export function reasonOfStackOverflow({ info, stackPointer, mappings, at }: Fault): Reason | null {
  if (stackPointer === undefined || mappings === undefined) return null
  if (![MAPERR, ACCERR, SI_KERNEL].includes(info.code)) return null
  const address = info.code === SI_KERNEL ? stackPointer : info.address
  const stack = stackEndingAbove(mappings, stackPointer)
  if (stack === undefined || !isBeside(stack, stackPointer, address)) return null
  if (info.code === SI_KERNEL && !mayHaveNoRoom(stack, stackPointer, mappings, at)) return null
  if (info.code !== SI_KERNEL && !isFree(mappings, address)) return null
  const why =
    stackPointer + NEAR_BYTES < stack.start
      ? 'one function takes more than is left'
      : `the stack of ${sizeOf(stack)} is full`
  return { code: 'stack-overflow', sentence: `stack overflow (${why})` }
}

/** The frame of a signal has some KiB, of which the registers of vectors are most. */
const LARGEST_SIGNAL_FRAME_BYTES = 16n * KIB
/** The stack of a main thread grows as it is used, and its mapping begins where it came to. Limits are 8 MiB, mostly. */
const SHORTEST_GROWN_BYTES = MIB

/** Whether there was no room for the frame of a signal: near the end of a stack that grows no more. */
function mayHaveNoRoom(
  stack: Mapping,
  stackPointer: bigint,
  mappings: readonly Mapping[],
  { kind }: Fault['at'],
): boolean {
  if (kind !== undefined && kind !== 'call') return false
  if (stackPointer >= stack.start + LARGEST_SIGNAL_FRAME_BYTES) return false
  const isGuarded = mappings.some(mapping => mapping.end === stack.start && isGuard(mapping))
  return isGuarded || stack.end - stack.start >= SHORTEST_GROWN_BYTES
}

/** The one that the pointer is at the end of. */
function stackEndingAbove(mappings: readonly Mapping[], stackPointer: bigint): Mapping | undefined {
  const within = mappingAt(mappings, stackPointer)
  if (within !== undefined && !isGuard(within)) return isStack(within) ? within : undefined
  const above = mappings.find(mapping => mapping.start > stackPointer && !isGuard(mapping))
  return above !== undefined && isStack(above) ? above : undefined
}

function isBeside({ start }: Mapping, stackPointer: bigint, address: bigint): boolean {
  return (
    stackPointer < start + NEAR_BYTES &&
    stackPointer + LARGEST_FRAME_BYTES >= start &&
    address + NEAR_BYTES >= stackPointer &&
    address < start + NEAR_BYTES
  )
}

function isFree(mappings: readonly Mapping[], address: bigint): boolean {
  const mapping = mappingAt(mappings, address)
  return mapping === undefined || isGuard(mapping)
}

function isGuard({ permissions }: Mapping): boolean {
  return permissions.startsWith('---')
}

function isStack({ permissions, name }: Mapping): boolean {
  return permissions.startsWith('rw') && !name.startsWith('/')
}

function sizeOf({ start, end }: Mapping): string {
  const bytes = end - start
  const [unit, name] = bytes >= MIB ? [MIB, 'MiB'] : [KIB, 'KiB']
  return `${(bytes + unit / 2n) / unit} ${name}`
}
