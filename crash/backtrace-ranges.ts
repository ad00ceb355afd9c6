import type { CoreHead } from './core-head.ts'
import { type CoreRange, merged } from './core-range.ts'
import { type ElfSegment, PT_LOAD } from './elf.ts'

const KIB = 1024
const MIB = 1024 * KIB
const PAGE_BYTES = 4096

const CRASHED_STACK_BYTES = 256 * KIB
const STACK_BYTES = 64 * KIB
const SMALL_BYTES = 256 * KIB

/**
 * What a debugger needs for a backtrace of every thread, as ranges of the core in their order, apart from
 * each other. Each kind has a share of its own, so that none takes the room of another: 32 MiB in all, and
 * the head.
 */
export function backtraceRanges(head: CoreHead): readonly CoreRange[] {
  const memory = head.segments.filter(({ type, fileBytes }) => type === PT_LOAD && fileBytes > 0)
  const mapped = new Map(head.files.map(({ start, fileOffset }) => [start, fileOffset]))
  const ofFiles = memory.filter(({ address }) => mapped.has(address))
  const anonymous = memory.filter(({ address }) => !mapped.has(address))
  return merged([
    {
      offset: 0,
      lengthBytes: memory.reduce((least, { fileOffset }) => Math.min(least, fileOffset), head.endBytes),
    },
    ...(head.countSection === null ? [] : [head.countSection]),
    ...upTo(12 * MIB, stacks(head.stackPointers, memory)),
    ...upTo(2 * MIB, firstPages(ofFiles, mapped)),
    ...upTo(6 * MIB, linkage(ofFiles)),
    ...upTo(2 * MIB, loadersOwn(anonymous)),
    ...upTo(10 * MIB, heapStarts(anonymous)),
  ])
}

/** Whether a stack of it can be found; else what is no stack cannot be told from one. */
export function knowsStacks({ stackPointers }: CoreHead): boolean {
  return stackPointers.some(pointer => pointer !== 0n)
}

/** From below the red zone upwards: the frames of the callers are above. */
function* stacks(pointers: readonly bigint[], memory: readonly ElfSegment[]): Generator<CoreRange> {
  const sorted = memory.toSorted((a, b) => (a.address < b.address ? -1 : 1))
  for (const [index, pointer] of pointers.entries()) {
    const from = pointer - (pointer % BigInt(PAGE_BYTES)) - BigInt(PAGE_BYTES)
    const to = pointer + BigInt(index === 0 ? CRASHED_STACK_BYTES : STACK_BYTES)
    yield* between(from, to, sorted)
  }
}

// A stack is one segment, or two where its owner has protected some of it.
const SEGMENTS_OF_A_STACK = 4

function* between(from: bigint, to: bigint, sorted: readonly ElfSegment[]): Generator<CoreRange> {
  const first = firstEndingAfter(from, sorted)
  for (const { address, fileOffset, fileBytes } of sorted.slice(first, first + SEGMENTS_OF_A_STACK)) {
    const start = Math.max(0, Number(from - address))
    const end = Math.min(fileBytes, Number(to - address))
    if (end > start) yield { offset: fileOffset + start, lengthBytes: end - start }
  }
}

function firstEndingAfter(address: bigint, sorted: readonly ElfSegment[]): number {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >> 1
    const segment = sorted[middle]
    if (segment !== undefined && segment.address + BigInt(segment.fileBytes) > address) high = middle
    else low = middle + 1
  }
  return low
}

/** They hold the build ids, by which a debugger finds the files. */
function firstPages(
  ofFiles: readonly ElfSegment[],
  mapped: ReadonlyMap<bigint, bigint>,
): readonly CoreRange[] {
  return ofFiles.filter(({ address }) => mapped.get(address) === 0n).map(firstOf(PAGE_BYTES))
}

/**
 * .dynamic, .got and .data: where what was loaded begins. The small ones, as the loader's, first; the
 * program's may be large.
 */
function linkage(ofFiles: readonly ElfSegment[]): readonly CoreRange[] {
  return ofFiles.toSorted((a, b) => a.fileBytes - b.fileBytes).map(firstOf(2 * MIB))
}

/**
 * The list of what was loaded, and the vdso. Mappings are made downwards, so the loader's are among the
 * highest.
 */
function loadersOwn(anonymous: readonly ElfSegment[]): readonly CoreRange[] {
  const small = anonymous.filter(({ fileBytes }) => fileBytes <= SMALL_BYTES)
  return small.toSorted((a, b) => (a.address > b.address ? -1 : 1)).map(firstOf(SMALL_BYTES))
}

/**
 * What the program loaded itself (dlopen: plugins, modules of Python, the JVM) stands in the list on its
 * heap, and mostly early in it. That heap is the lowest of all, or the next to the program's own variables.
 */
function heapStarts(anonymous: readonly ElfSegment[]): readonly CoreRange[] {
  const large = anonymous.filter(({ fileBytes }) => fileBytes > SMALL_BYTES)
  const upwards = large.toSorted((a, b) => (a.address < b.address ? -1 : 1))
  return [...upwards.slice(0, 2).map(firstOf(4 * MIB)), ...upwards.slice(2).map(firstOf(SMALL_BYTES))]
}

function firstOf(bytes: number): (segment: ElfSegment) => CoreRange {
  return ({ fileOffset, fileBytes }) => ({ offset: fileOffset, lengthBytes: Math.min(fileBytes, bytes) })
}

/** As many as fit. Each counts as a page at least, so that there are not too many of them. */
function* upTo(bytes: number, ranges: Iterable<CoreRange>): Generator<CoreRange> {
  let left = bytes
  for (const range of ranges) {
    left -= Math.max(PAGE_BYTES, range.lengthBytes)
    if (left < 0) return
    yield range
  }
}
