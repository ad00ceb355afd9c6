import { type Fault, isNearNull, mappingAt, nameOf, shown } from './fault.ts'
import type { Reason } from './reason-code.ts'

const [MAPERR, ACCERR, SI_KERNEL] = [1, 2, 128]

/** Of a process that went on where no code is; `null`: it did not. */
export function reasonOfJump({ info, instruction, mappings }: Fault): Reason | null {
  if (instruction === undefined || ![MAPERR, ACCERR, SI_KERNEL].includes(info.code)) return null
  const mapping = mappingAt(mappings, instruction)
  const isFetched = info.code !== SI_KERNEL && info.address === instruction
  if (mapping?.permissions[2] === 'x' || !(isFetched || (mappings !== undefined && mapping === undefined)))
    return null
  if (isNearNull(instruction)) return nullCall(instruction)
  const where = shown(instruction)
  if (mapping !== undefined)
    return { code: 'no-code', sentence: `jump to memory that is no code (${nameOf(mapping)}, ${where})` }
  const sentence = `call through a wild pointer, or return to an overwritten address (no code at ${where})`
  return { code: 'wild-call', sentence }
}

function nullCall(instruction: bigint): Reason {
  if (instruction === 0n) return { code: 'null-call', sentence: 'call through a null pointer' }
  const sentence = `call through a null pointer, or return to an overwritten address (${shown(instruction)})`
  return { code: 'null-call', sentence }
}
