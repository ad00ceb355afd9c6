import type { Machine } from '../image/elf-image.ts'
import type { Memory } from '../image/memory.ts'
import { type SignalInfo, signalInfoIn } from '../signal-info.ts'
import type { Registers } from './registers.ts'
import { interruptedRegisters, signalFrameAt } from './signal-frame.ts'
import type { Step } from './step.ts'

/** A signal for which a handler was called, as far as the kernel's frame on the handler's stack has it. */
export interface DeliveredSignal {
  readonly interrupted: Registers
  /**
   * What stands where siginfo_t would be. The kernel writes it only for a handler with SA_SIGINFO; for another
   * one, anything may be there.
   */
  readonly info: SignalInfo | null
  /** Of the last error of the thread that became a signal; of another one, where this signal was sent. */
  readonly faultAddress: bigint
  /** Number and error code of that on x86-64 (arch/x86/include/asm/trapnr.h). */
  readonly trap?: { readonly number: number; readonly errorCode: number }
}

const INFO_BYTES = 48
/** From where the stack pointer is (struct rt_sigframe): siginfo_t, and of struct sigcontext what is no register. */
const PLACES: Readonly<Record<Machine, { info: bigint; faultAddress: bigint }>> = {
  'x86-64': { info: 304n, faultAddress: 216n },
  aarch64: { info: 0n, faultAddress: 304n },
}
/** Error code, number, a mask of signals, and the address. */
const TRAP_BEFORE = 24n

/** `step`: a frame that walk() calls a signal's. `null`: its memory is not at hand. */
export function deliveredSignal(step: Step, memory: Memory): DeliveredSignal | null {
  const interrupted = interruptedRegisters(step, memory)
  const { machine } = step.registers
  const frame = signalFrameAt(step.registers, step.trust)
  const at = (offset: bigint) => BigInt.asUintN(64, frame + offset)
  const { info: infoAt, faultAddress: addressAt } = PLACES[machine]
  const faultAddress = memory.read(at(addressAt), 8)?.readBigUInt64LE()
  if (interrupted === null || faultAddress === undefined) return null
  const info = memory.read(at(infoAt), INFO_BYTES)
  const trap = machine === 'x86-64' ? memory.read(at(addressAt - TRAP_BEFORE), 16) : null
  return {
    interrupted,
    info: info && signalInfoIn(info, 8),
    faultAddress,
    ...(trap && { trap: { errorCode: trap.readUInt32LE(0), number: trap.readUInt32LE(8) } }),
  }
}
