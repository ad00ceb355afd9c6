import type { Machine } from '../image/elf-image.ts'
import type { Memory } from '../image/memory.ts'
import type { Code } from './code.ts'
import { NUMBERS, type Registers, registersInSignalContext } from './registers.ts'
import type { Step, Trust } from './step.ts'

/** Where a signal handler returns to: a system call, which gives back the registers that the kernel kept. */
const TRAMPOLINES: Readonly<Record<Machine, readonly Buffer[]>> = {
  'x86-64': [
    // mov $15,%rax; syscall: glibc, musl, Go
    Buffer.from('48c7c00f0000000f05', 'hex'),
    // mov $15,%eax; syscall
    Buffer.from('b80f0000000f05', 'hex'),
  ],
  aarch64: [
    // mov x8,#139; svc #0: the vdso, musl
    Buffer.from('681180d2010000d4', 'hex'),
  ],
}

/**
 * Where a struct sigcontext's registers begin, from the stack pointer there: x86-64 has a struct ucontext at
 * once, aarch64 siginfo_t first and fault_address before the registers (struct rt_sigframe of each).
 */
const CONTEXT_AT: Readonly<Record<Machine, number>> = { 'x86-64': 40, aarch64: 128 + 176 + 8 }
const CONTEXT_BYTES = 33 * 8

/** Whether a signal handler returns to `address`, and the kernel gives back the registers there. */
export function isSignalTrampoline(code: Code, address: bigint): boolean {
  return TRAMPOLINES[code.machine].some(bytes => code.read(address, bytes.length)?.equals(bytes) ?? false)
}

/** The registers of what a signal interrupted, where the handler returned to such a place. */
export function interruptedRegisters({ registers, trust }: Step, memory: Memory): Registers | null {
  const { machine } = registers
  const at = signalFrameAt(registers, trust) + BigInt(CONTEXT_AT[machine])
  const context = memory.read(BigInt.asUintN(64, at), CONTEXT_BYTES)
  return context === null ? null : registersInSignalContext(context, machine)
}

/**
 * The kernel puts it to the stack pointer, and on aarch64 a record above it for those who go by frame pointers:
 * they do not know the stack pointer.
 */
export function signalFrameAt({ machine, values, stackPointer }: Registers, trust: Trust): bigint {
  const framePointer = values[NUMBERS[machine].framePointer]
  const isFramed = machine === 'aarch64' && trust === 'fp' && framePointer !== undefined
  return isFramed ? framePointer - AARCH64_SIGNAL_FRAME_BYTES : stackPointer
}

/** sizeof(struct rt_sigframe), without what SVE adds (arch/arm64/kernel/signal.c, get_sigframe()). */
const AARCH64_SIGNAL_FRAME_BYTES = 4688n
