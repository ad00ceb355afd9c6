import type { Cursor } from './cursor.ts'

/**
 * Pointers of .eh_frame and its table, whose first byte says how they are written (DW_EH_PE_*: Linux
 * Standard Base, DWARF Extensions).
 */
export const OMITTED = 0xff
export const ABSOLUTE = 0x00

const FORMAT = 0x0f
const RELATIVE_TO = 0x70
const [TO_NOTHING, TO_ITSELF, TO_TABLE] = [0x00, 0x10, 0x30]
const INDIRECT = 0x80

const FORMATS: Readonly<Record<number, (cursor: Cursor) => bigint>> = {
  0: cursor => cursor.long(),
  1: cursor => cursor.uleb(),
  2: cursor => BigInt(cursor.unsigned(2)),
  3: cursor => BigInt(cursor.unsigned(4)),
  4: cursor => cursor.long(),
  9: cursor => cursor.sleb(),
  10: cursor => BigInt.asIntN(16, BigInt(cursor.unsigned(2))),
  11: cursor => BigInt.asIntN(32, BigInt(cursor.unsigned(4))),
  12: cursor => BigInt.asIntN(64, cursor.long()),
}

/** An address; `tableAddress`: of .eh_frame_hdr. `null`: no address is written so, or it lies elsewhere. */
export function readPointer(cursor: Cursor, encoding: number, tableAddress?: bigint): bigint | null {
  const base = baseOf(cursor.address, encoding, tableAddress)
  const value = readDistance(cursor, encoding)
  if (base === undefined || value === null || (encoding & INDIRECT) !== 0) return null
  return BigInt.asUintN(64, base + value)
}

/** A length in the same format; `null`: there is no such format. */
export function readDistance(cursor: Cursor, encoding: number): bigint | null {
  return encoding === OMITTED ? null : (FORMATS[encoding & FORMAT]?.(cursor) ?? null)
}

function baseOf(itself: bigint, encoding: number, tableAddress?: bigint): bigint | undefined {
  const relativeTo = encoding & RELATIVE_TO
  if (relativeTo === TO_NOTHING) return 0n
  if (relativeTo === TO_ITSELF) return itself
  return relativeTo === TO_TABLE ? tableAddress : undefined
}
