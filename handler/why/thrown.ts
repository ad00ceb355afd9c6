import type { Machine } from '../../crash/image/elf-image.ts'
import type { Memory } from '../../crash/image/memory.ts'
import { registersIn } from '../../crash/unwind/registers.ts'
import { type CxxException, uncaughtException } from '../../crash/why/cxx-exception.ts'
import { goPanic } from '../../crash/why/go-panic.ts'
import { type PanicOnStack, panicsOnStack } from '../../crash/why/rust-panic.ts'
import { fsBaseIn } from './thread-pointer.ts'

/** What a program gave up over, beside what libc says. */
export interface Thrown {
  readonly exception: CxxException | null
  /** Of Go. */
  readonly panic: string | null
  readonly rustPanics: readonly PanicOnStack[]
}

/**
 * Looked for in `memory` by the registers of the threads, the crashing one first. The exception is one for which
 * std::terminate() was called only where that is among the frames.
 */
export function thrownIn(
  memory: Memory,
  statuses: readonly Uint8Array[],
  machine: Machine,
  demangled: (symbol: string) => string,
): Thrown {
  const registers = registersIn(Buffer.from(statuses[0] ?? []), machine)
  const stackPointer = registers?.stackPointer
  return {
    exception: registers && uncaughtException(memory, registers.stackPointer, demangled),
    panic: machine === 'x86-64' ? goPanic(memory, statuses.flatMap(fsBaseIn)) : null,
    rustPanics: stackPointer === undefined ? [] : panicsOnStack(memory, stackPointer),
  }
}
