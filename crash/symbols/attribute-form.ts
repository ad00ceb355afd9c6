import type { Cursor } from '../unwind/cursor.ts'

/** How long some things are in a unit of DWARF. */
export interface Widths {
  /** 8 in DWARF of 64 bits, which is for files of more than 4 GiB. */
  readonly offsetBytes: 4 | 8
}

export const [FORM_ADDRESS, FORM_IMPLICIT] = [0x01, 0x21]
const FORM_INDIRECT = 0x16

type Reader = (cursor: Cursor, widths: Widths) => bigint

const offset: Reader = (cursor, { offsetBytes }) => offsetIn(cursor, offsetBytes)
const block =
  (length: Reader): Reader =>
  (cursor, widths) => {
    cursor.skip(Number(length(cursor, widths)))
    return 0n
  }
const bytes =
  (count: 1 | 2 | 4): Reader =>
  cursor =>
    BigInt(cursor.unsigned(count))
const uleb: Reader = cursor => cursor.uleb()
const text: Reader = cursor => {
  const at = cursor.address
  cursor.textBytes()
  return at
}
const threeBytes: Reader = cursor => BigInt(cursor.unsigned(2) + (cursor.unsigned(1) << 16))
const skipped =
  (count: number): Reader =>
  cursor => {
    cursor.skip(count)
    return 0n
  }

/** DW_FORM_… (DWARF 5, 7.5.6), and those that dwz made. Of a text the value is where it stands, of a block 0. */
const READERS: Readonly<Record<number, Reader>> = {
  1: cursor => cursor.long(),
  3: block(bytes(2)),
  4: block(bytes(4)),
  5: bytes(2),
  6: bytes(4),
  7: cursor => cursor.long(),
  8: text,
  9: block(uleb),
  10: block(bytes(1)),
  11: bytes(1),
  12: bytes(1),
  13: cursor => cursor.sleb(),
  14: offset,
  15: uleb,
  16: offset,
  17: bytes(1),
  18: bytes(2),
  19: bytes(4),
  20: cursor => cursor.long(),
  21: uleb,
  23: offset,
  24: block(uleb),
  25: () => 1n,
  26: uleb,
  27: uleb,
  28: bytes(4),
  29: offset,
  30: skipped(16),
  31: offset,
  32: cursor => cursor.long(),
  33: () => 0n,
  34: uleb,
  35: uleb,
  36: cursor => cursor.long(),
  37: bytes(1),
  38: bytes(2),
  39: threeBytes,
  40: bytes(4),
  41: bytes(1),
  42: bytes(2),
  43: threeBytes,
  44: bytes(4),
  7968: offset,
  7969: offset,
}

/** `null`: it is no form that is known, and so what follows is not either. */
export function readForm(cursor: Cursor, form: number, widths: Widths): bigint | null {
  const actual = form === FORM_INDIRECT ? cursor.count() : form
  return READERS[actual]?.(cursor, widths) ?? null
}

export function offsetIn(cursor: Cursor, offsetBytes: 4 | 8): bigint {
  return offsetBytes === 8 ? cursor.long() : BigInt(cursor.unsigned(4))
}
