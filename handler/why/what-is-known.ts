import type { Machine } from '../../crash/image/elf-image.ts'
import type { Memory } from '../../crash/image/memory.ts'
import { registersIn } from '../../crash/unwind/registers.ts'
import { isCalled } from '../../crash/why/failed-check.ts'
import type { reasonOf } from '../../crash/why/reason.ts'
import type { Evidence } from './evidence.ts'

/** Longer than any instruction. */
const CODE_BYTES = 16

/** Of the crashing thread, without what it said before it gave up. */
export function whatIsKnown(
  { signal, info, mappings, pid, call, sender, statuses }: Evidence,
  machine: Machine | null,
  memory: Memory,
): Parameters<typeof reasonOf>[0] {
  const registers = machine === null ? null : registersIn(Buffer.from(statuses[0] ?? []), machine)
  const code = registers && memory.read(registers.instruction, CODE_BYTES)
  return {
    signal,
    ...(info && { info }),
    ...(registers && { instruction: registers.instruction, stackPointer: registers.stackPointer }),
    mappings,
    ...(code && { code }),
    ...(registers && { isAtEntry: isCalled(memory, registers.instruction, registers.stackPointer) }),
    ...(pid !== undefined && { pid }),
    ...(machine && { machine }),
    call,
    ...(sender && { sender }),
  }
}
