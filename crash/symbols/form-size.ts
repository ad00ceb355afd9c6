const FIXED_BYTES: Readonly<Record<number, number>> = {
  1: 8,
  5: 2,
  6: 4,
  7: 8,
  11: 1,
  12: 1,
  17: 1,
  18: 2,
  19: 4,
  20: 8,
  25: 0,
  28: 4,
  30: 16,
  32: 8,
  33: 0,
  36: 8,
  37: 1,
  38: 2,
  39: 3,
  40: 4,
  41: 1,
  42: 2,
  43: 3,
  44: 4,
}
const OFFSETS: ReadonlySet<number> = new Set([14, 16, 23, 29, 31, 7968, 7969])
const NUMBERS: ReadonlySet<number> = new Set([13, 15, 21, 26, 27, 34, 35])
const [TEXT, INDIRECT] = [8, 22]
const [BLOCK_1, BLOCK_2, BLOCK_4] = [10, 3, 4]
const BLOCKS: ReadonlySet<number> = new Set([9, 24])

/** `null`: each value has its own, or the form is not known. */
export function sizeOfForm(form: number, offsetBytes: 4 | 8): number | null {
  return OFFSETS.has(form) ? offsetBytes : (FIXED_BYTES[form] ?? null)
}

/**
 * Where the value of any other form ends that begins at `at`; NaN: it is not known. It is read without a cursor, for
 * there are a million in a unit.
 */
export function endOfValue(bytes: Buffer, at: number, form: number, offsetBytes: 4 | 8): number {
  if (NUMBERS.has(form)) return endOfNumber(bytes, at)
  if (form === TEXT) return behindText(bytes, at)
  if (form === BLOCK_1) return at + 1 + (bytes[at] ?? Number.NaN)
  if (form === BLOCK_2 && at + 2 <= bytes.length) return at + 2 + bytes.readUInt16LE(at)
  if (form === BLOCK_4 && at + 4 <= bytes.length) return at + 4 + bytes.readUInt32LE(at)
  if (BLOCKS.has(form)) return endOfNumber(bytes, at) + numberAt(bytes, at)
  return form === INDIRECT ? endOfIndirect(bytes, at, offsetBytes) : Number.NaN
}

function behindText(bytes: Buffer, at: number): number {
  const end = bytes.indexOf(0, at)
  return end === -1 ? Number.NaN : end + 1
}

/** The form stands before the value. */
function endOfIndirect(bytes: Buffer, at: number, offsetBytes: 4 | 8): number {
  const [form, valueAt] = [numberAt(bytes, at), endOfNumber(bytes, at)]
  const sizeBytes = sizeOfForm(form, offsetBytes)
  if (sizeBytes !== null) return valueAt + sizeBytes
  return form === INDIRECT ? Number.NaN : endOfValue(bytes, valueAt, form, offsetBytes)
}

/** Of a LEB128. */
export function endOfNumber(bytes: Buffer, at: number): number {
  let end = at
  while (bytes[end]! >= 0x80) end += 1
  return end + 1
}

/** An unsigned LEB128; above 2^53 it is not exact. */
export function numberAt(bytes: Buffer, at: number): number {
  let [value, scale] = [0, 1]
  for (let next = at; next < bytes.length; next += 1) {
    value += (bytes[next]! & 0x7f) * scale
    if (bytes[next]! < 0x80) break
    scale *= 128
  }
  return value
}
