import type { Machine } from '../image/elf-image.ts'

export interface Registers {
  readonly machine: Machine
  /** By their DWARF numbers; `undefined`: not known. */
  readonly values: readonly (bigint | undefined)[]
  readonly instruction: bigint
  readonly stackPointer: bigint
}

/** The DWARF numbers of the registers that a walk asks for by name (their psABIs). */
export interface RegisterNumbers {
  readonly stackPointer: number
  readonly framePointer: number
  /** The instruction pointer. */
  readonly instruction: number
  /** Where a call leaves its return address; `null`: on the stack. */
  readonly link: number | null
}

export const NUMBERS: Readonly<Record<Machine, RegisterNumbers>> = {
  'x86-64': { stackPointer: 7, framePointer: 6, instruction: 16, link: null },
  aarch64: { stackPointer: 31, framePointer: 29, instruction: 32, link: 30 },
}

/** Where the kernel puts the registers of a DWARF number, in words of 8 bytes. */
type Places = readonly number[]

const IN_ORDER: Places = Array.from({ length: 33 }, (_, number) => number)
/** struct user_regs_struct of x86-64 (arch/x86/include/asm/user_64.h); struct user_pt_regs of aarch64. */
const IN_STATUS: Readonly<Record<Machine, Places>> = {
  'x86-64': [10, 12, 11, 5, 13, 14, 4, 19, 9, 8, 7, 6, 3, 2, 1, 0, 16],
  aarch64: IN_ORDER,
}
/** struct sigcontext of x86-64 (its first words) and of aarch64 (behind fault_address). */
const IN_SIGNAL_CONTEXT: Readonly<Record<Machine, Places>> = {
  'x86-64': [13, 12, 14, 11, 9, 8, 10, 15, 0, 1, 2, 3, 4, 5, 6, 7, 16],
  aarch64: IN_ORDER,
}

/** pr_reg in struct elf_prstatus (linux/elfcore.h), on both machines. */
const STATUS_REGISTERS_AT = 112

/** The registers in an NT_PRSTATUS note; `null`: it is too short to have them. */
export function registersIn(prstatus: Buffer, machine: Machine): Registers | null {
  return registersAt(prstatus.subarray(STATUS_REGISTERS_AT), machine, IN_STATUS[machine])
}

/** The registers in a struct sigcontext, as far as `registersIn()` has them; `null`: it is too short. */
export function registersInSignalContext(context: Buffer, machine: Machine): Registers | null {
  return registersAt(context, machine, IN_SIGNAL_CONTEXT[machine])
}

function registersAt(bytes: Buffer, machine: Machine, places: Places): Registers | null {
  if (bytes.length < (Math.max(...places) + 1) * 8) return null
  return registersOf(
    machine,
    places.map(place => bytes.readBigUInt64LE(place * 8)),
  )
}

/** `null`: there is no instruction or no stack pointer among them. */
export function registersOf(machine: Machine, values: Registers['values']): Registers | null {
  const instruction = values[NUMBERS[machine].instruction]
  const stackPointer = values[NUMBERS[machine].stackPointer]
  if (instruction === undefined || stackPointer === undefined) return null
  return { machine, values, instruction, stackPointer }
}

/** What is known of a caller when nothing says which registers it gets back. */
export function callerRegisters(
  machine: Machine,
  known: Readonly<Record<'instruction' | 'stackPointer', bigint>> & {
    readonly framePointer?: bigint | undefined
  },
): Registers {
  const numbers = NUMBERS[machine]
  const values: (bigint | undefined)[] = Array(numbers.instruction + 1).fill(undefined)
  values[numbers.instruction] = known.instruction
  values[numbers.stackPointer] = known.stackPointer
  values[numbers.framePointer] = known.framePointer
  return { machine, values, instruction: known.instruction, stackPointer: known.stackPointer }
}
