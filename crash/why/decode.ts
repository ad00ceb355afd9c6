import type { Machine } from '../image/elf-image.ts'
import { arm64Instruction } from './arm64-instruction.ts'
import type { Instruction } from './instruction.ts'
import { x86Instruction } from './x86-instruction.ts'

/** The instruction that `code` begins with; nothing is known of one that is cut off or not listed. */
export function instructionIn(code: Buffer | undefined, machine: Machine | undefined): Instruction {
  if (code === undefined || machine === undefined) return {}
  return machine === 'x86-64' ? x86Instruction(code) : arm64Instruction(code)
}
