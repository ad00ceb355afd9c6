import type { CoreHead } from '../../crash/core-head.ts'
import { mappingsOfCore } from '../../crash/core-mappings.ts'
import { type ElfSegment, PT_LOAD } from '../../crash/elf.ts'
import type { Mapping } from '../../crash/mapping.ts'
import type { Interruption } from '../../crash/unwind/signal-frames-on-stack.ts'

export interface Place {
  readonly address: bigint
  readonly lengthBytes: number
}

// Half of all threads use less than 7 KB of their stacks; Go's goroutines have theirs in a heap of MiBs.
export const CRASHED_STACK_BYTES = 256 * 1024
export const STACK_BYTES = 16 * 1024
const STACK_BEGINNING_BYTES = 64 * 1024
const LARGEST_FRAME_BYTES = 64n << 20n
/** A function may use so much below the stack pointer (x86-64 psABI). */
const RED_ZONE_BYTES = 128
const VDSO_BYTES = 16 * 1024
const CODE_BYTES = 64

/** What a walk of the stacks, and the reason, need of memory. */
export function stackPieces(head: CoreHead): Place[] {
  const memory = memoryOf(head)
  const stacks = head.stackPointers.slice(0, head.statuses.length).map((pointer, index) => ({
    address: pointer - BigInt(RED_ZONE_BYTES),
    lengthBytes: index === 0 ? CRASHED_STACK_BYTES : STACK_BYTES,
  }))
  const { vdso, instruction } = head
  return [
    ...(instruction === undefined ? [] : [{ address: instruction, lengthBytes: CODE_BYTES }]),
    ...(vdso === undefined ? [] : [{ address: vdso, lengthBytes: VDSO_BYTES }]),
    ...stacks,
  ]
    .flatMap(place => within(place, memory))
    .concat(beginningOfStack(head.stackPointers[0], memory))
}

/**
 * Where the stack that crashed begins: a function whose frame is larger than what is left has its caller there, MiBs
 * away, and the stack pointer below its mapping.
 */
function beginningOfStack(pointer: bigint | undefined, memory: readonly ElfSegment[]): Place[] {
  if (pointer === undefined) return []
  const stack = memory[indexEndingBehind(pointer, memory, endOf)]
  if (stack === undefined || stack.address - pointer > LARGEST_FRAME_BYTES) return []
  const end = endOf(stack)
  const [from, copied] = [end - BigInt(STACK_BEGINNING_BYTES), pointer + BigInt(CRASHED_STACK_BYTES)]
  const address = [from, copied, stack.address].reduce((most, one) => (one > most ? one : most))
  return address < end ? [{ address, lengthBytes: Number(end - address) }] : []
}

/** The same of where signals came: `stackBytes` from there on, and the code. */
export function interruptedPieces(
  head: CoreHead,
  interruptions: readonly Interruption[],
  stackBytes: number,
): Place[] {
  if (interruptions.length === 0) return []
  const memory = memoryOf(head)
  return interruptions
    .flatMap(({ instruction, stackPointer }) => [
      { address: instruction, lengthBytes: CODE_BYTES },
      { address: stackPointer - BigInt(RED_ZONE_BYTES), lengthBytes: stackBytes },
    ])
    .flatMap(place => within(place, memory))
}

/**
 * As much of `place` as is one mapping, the first that has anything: a stack pointer that is in the guard of a full
 * stack belongs to what lies above.
 */
function within({ address, lengthBytes }: Place, memory: readonly ElfSegment[]): Place[] {
  const end = address + BigInt(lengthBytes)
  const holding = memory[indexEndingBehind(address, memory, endOf)]
  if (holding === undefined || end <= holding.address) return []
  const from = address > holding.address ? address : holding.address
  const to = end < endOf(holding) ? end : endOf(holding)
  return [{ address: from, lengthBytes: Number(to - from) }]
}

/**
 * The index of the first of `sorted` that ends behind `address`. A process may have 65,530 mappings, and more, and
 * each thread a stack among them.
 */
function indexEndingBehind<T>(address: bigint, sorted: readonly T[], endOf: (one: T) => bigint): number {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (endOf(sorted[middle]!) > address) high = middle
    else low = middle + 1
  }
  return low
}

const NEIGHBOURS = 3

/** The mappings beside each address that tells something: a stack overflow ends beside a stack. */
export function mappingsAround(
  head: CoreHead,
  interruptions: readonly Interruption[] = [],
): readonly Mapping[] {
  const addresses = [
    ...[head.instruction, head.stackPointers[0], head.signal?.address],
    ...interruptions.flatMap(found => [found.instruction, found.stackPointer, found.faultAddress]),
  ]
  return mappingsBeside(
    addresses.filter(address => address !== undefined),
    mappingsOfCore(head),
  )
}

/** Those of `mappings`, which are sorted by address, that hold one of `addresses` or are near it. */
export function mappingsBeside(
  addresses: readonly bigint[],
  mappings: readonly Mapping[],
): readonly Mapping[] {
  const near = new Set<number>()
  for (const address of addresses) {
    const index = indexEndingBehind(address, mappings, ({ end }) => end)
    for (let at = index - NEIGHBOURS; at <= index + NEIGHBOURS; at += 1) near.add(at)
  }
  return mappings.filter((_, at) => near.has(at))
}

function memoryOf({ segments }: CoreHead): readonly ElfSegment[] {
  return segments
    .filter(({ type, flags, fileBytes }) => type === PT_LOAD && (flags !== 0 || fileBytes > 0))
    .toSorted((a, b) => (a.address < b.address ? -1 : 1))
}

function endOf({ address, memoryBytes }: ElfSegment): bigint {
  return address + BigInt(memoryBytes)
}
