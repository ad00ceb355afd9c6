import { ByteWriter } from './byte-writer.ts'

const [TAG_UNIT, TAG_INLINED, TAG_FUNCTION] = [0x11, 0x1d, 0x2e]
const [NAME, LINES, LOW_PC, HIGH_PC, LANGUAGE] = [0x03, 0x10, 0x11, 0x12, 0x13]
const [FOLDER, IS_INLINED, ORIGIN, RANGES, CALL_FILE, CALL_LINE] = [0x1b, 0x20, 0x31, 0x55, 0x58, 0x59]
const [ADDRESS, TWO_BYTES, FOUR_BYTES, EIGHT_BYTES, TEXT] = [0x01, 0x05, 0x06, 0x07, 0x08]
const [ONE_BYTE, NUMBER, REFERENCE, OFFSET] = [0x0b, 0x0f, 0x13, 0x17]

type Attributes = readonly (readonly [name: number, form: number])[]

const IN_ONE_PIECE: Attributes = [
  [LOW_PC, ADDRESS],
  [HIGH_PC, FOUR_BYTES],
]
const IN_PIECES: Attributes = [[RANGES, OFFSET]]

interface UnitParts {
  readonly name: boolean
  readonly folder: boolean
  readonly language: boolean
  readonly isList: boolean
  readonly hasChildren: boolean
}

const UNIT_BITS = 5
const AFTER_UNITS = 1 << UNIT_BITS

/** By which number an entry says what it is; behind these of units come those of functions. */
export const UNIT = {
  number: ({ name, folder, language, isList, hasChildren }: UnitParts): number =>
    [name, folder, language, isList, hasChildren].reduce(
      (bits, bit, index) => bits + Number(bit) * 2 ** index,
      1,
    ),
}
/** One that was inlined, without code. */
export const NAMED_FUNCTION = AFTER_UNITS + 1
export const FUNCTION = {
  number: ({ length }: { readonly length: number }): number => AFTER_UNITS + (length === 1 ? 2 : 3),
}
export const INLINED = {
  number: ({ length }: { readonly length: number }, hasChildren: boolean): number =>
    AFTER_UNITS + 4 + Number(length !== 1) * 2 + Number(hasChildren),
}

/** `.debug_abbrev`: what the numbers mean. */
export function abbreviations(): Buffer {
  const table = new ByteWriter()
  for (let bits = 0; bits < AFTER_UNITS; bits += 1) addUnit(table, bits)
  const inlined: Attributes = [[ORIGIN, REFERENCE]]
  const call: Attributes = [
    [CALL_FILE, NUMBER],
    [CALL_LINE, NUMBER],
  ]
  const named: Attributes = [[NAME, TEXT]]
  add(table, NAMED_FUNCTION, TAG_FUNCTION, false, [...named, [IS_INLINED, ONE_BYTE]])
  for (const [length, code] of [
    [1, IN_ONE_PIECE],
    [2, IN_PIECES],
  ] as const) {
    add(table, FUNCTION.number({ length }), TAG_FUNCTION, true, [...named, ...code])
    for (const hasChildren of [false, true]) {
      const number = INLINED.number({ length }, hasChildren)
      add(table, number, TAG_INLINED, hasChildren, [...inlined, ...code, ...call])
    }
  }
  return table.uleb(0).done()
}

function addUnit(table: ByteWriter, bits: number): void {
  const has = (index: number) => (bits & (1 << index)) !== 0
  const attributes: Attributes = [
    ...(has(0) ? [[NAME, TEXT] as const] : []),
    ...(has(1) ? [[FOLDER, TEXT] as const] : []),
    ...(has(2) ? [[LANGUAGE, TWO_BYTES] as const] : []),
    [LINES, OFFSET],
    [LOW_PC, ADDRESS],
    has(3) ? [RANGES, OFFSET] : [HIGH_PC, EIGHT_BYTES],
  ]
  add(table, bits + 1, TAG_UNIT, has(4), attributes)
}

function add(
  table: ByteWriter,
  number: number,
  tag: number,
  hasChildren: boolean,
  attributes: Attributes,
): void {
  table.uleb(number).uleb(tag).unsigned(Number(hasChildren), 1)
  for (const [name, form] of attributes) table.uleb(name).uleb(form)
  table.uleb(0).uleb(0)
}
