import type { Machine } from '../image/elf-image.ts'

/** Where a signal came, as the frame says that the kernel put onto a stack for its handler. */
export interface Interruption {
  readonly instruction: bigint
  readonly stackPointer: bigint
  /** Of the last error of the thread: that of another one where the signal was none. */
  readonly faultAddress: bigint
}

/** Handlers that were interrupted in their turn. */
const MOST_FRAMES = 4
const ALIGNED_BYTES = 16

/**
 * The signals whose handlers may be at work on a stack, the innermost first, by what the kernel's frames look
 * like. To be asked for what to copy: a frame may be one of before that was not written over, and only a walk
 * of the stack tells. A megabyte takes some milliseconds.
 */
export function signalFramesOn(stack: Buffer, address: bigint, machine: Machine): readonly Interruption[] {
  const { sizeBytes, isFrame, interruptionAt } = LAYOUTS[machine]
  const found: Interruption[] = []
  const first = Number(-address & BigInt(ALIGNED_BYTES - 1))
  for (let at = first; at + sizeBytes <= stack.length && found.length < MOST_FRAMES; at += ALIGNED_BYTES)
    if (isFrame(stack, at)) found.push(interruptionAt(stack, at))
  return found
}

interface Layout {
  readonly sizeBytes: number
  readonly isFrame: (stack: Buffer, at: number) => boolean
  readonly interruptionAt: (stack: Buffer, at: number) => Interruption
}

/** Of struct rt_sigframe, from where the stack pointer of a handler's caller is (arch/<machine>/kernel/signal.c). */
const LAYOUTS: Readonly<Record<Machine, Layout>> = {
  // struct ucontext: three flags, no link; the code segment of 64 bits among the registers.
  'x86-64': {
    sizeBytes: 224,
    isFrame: (stack, at) =>
      stack.readUInt32LE(at) < 8 &&
      stack.readUInt16LE(at + 184) === 0x33 &&
      stack.readUInt32LE(at + 4) === 0 &&
      stack.readBigUInt64LE(at + 8) === 0n,
    interruptionAt: wordsAt({ instruction: 168, stackPointer: 160, faultAddress: 216 }),
  },
  // siginfo_t, then struct ucontext, in which FPSIMD_MAGIC begins what is behind the registers.
  aarch64: {
    sizeBytes: 600,
    isFrame: (stack, at) =>
      stack.readUInt32LE(at + 592) === 0x4650_8001 &&
      stack.readUInt32LE(at + 596) === 528 &&
      stack.readBigUInt64LE(at + 136) === 0n,
    interruptionAt: wordsAt({ instruction: 568, stackPointer: 560, faultAddress: 304 }),
  },
}

function wordsAt(places: Readonly<Record<keyof Interruption, number>>): Layout['interruptionAt'] {
  return (stack, at) => ({
    instruction: stack.readBigUInt64LE(at + places.instruction),
    stackPointer: stack.readBigUInt64LE(at + places.stackPointer),
    faultAddress: stack.readBigUInt64LE(at + places.faultAddress),
  })
}
