import { plain } from '../../untrusted/plain-text.ts'
import type { Mapping } from '../mapping.ts'
import type { SignalInfo } from '../signal-info.ts'
import type { Evidence } from './evidence.ts'
import type { Instruction } from './instruction.ts'

/** An error that the processor or the kernel found at an instruction. */
export interface Fault extends Evidence {
  readonly info: SignalInfo
  /** The instruction, as far as it could be told. */
  readonly at: Instruction
}

const ACCESS = { read: 'read of', write: 'write to' }

/** What was done with what the fault is about; `otherwise` where the instruction is not known. */
export function accessIn({ at }: Fault, otherwise: string): string {
  return at.access === undefined ? otherwise : ACCESS[at.access]
}

export function mappingAt(mappings: readonly Mapping[] | undefined, address: bigint): Mapping | undefined {
  return mappings?.find(({ start, end }) => address >= start && address < end)
}

const LONGEST_NAME = 120

/** What a person calls it; a path may be anything. */
export function nameOf({ name }: Mapping): string {
  return name === '' ? 'anonymous memory' : plain(name, LONGEST_NAME)
}

/**
 * Below, Linux maps nothing (vm.mmap_min_addr, 65,536 by default): an address there, or as far below null, is
 * the field or the element of something that was null.
 */
const NEAR_NULL_BYTES = 0x1_0000n

export function isNearNull(address: bigint): boolean {
  const signed = BigInt.asIntN(64, address)
  return signed > -NEAR_NULL_BYTES && signed < NEAR_NULL_BYTES
}

/** `address 0x18`, or `-0x8` for that of something 8 bytes before null. */
export function shown(address: bigint): string {
  const signed = isNearNull(address) ? BigInt.asIntN(64, address) : BigInt.asUintN(64, address)
  return signed < 0n ? `address -0x${(-signed).toString(16)}` : `address 0x${signed.toString(16)}`
}
