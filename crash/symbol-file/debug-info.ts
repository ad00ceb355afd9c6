import type { CodeRange } from '../symbols/code-ranges.ts'
import { ByteWriter } from './byte-writer.ts'
import type { UnitLines } from './unit-lines.ts'

const COMPILE_UNIT = 0x11
const ADDRESS_BYTES = 8
const [FORM_ADDRESS, FORM_2_BYTES, FORM_8_BYTES, FORM_TEXT, FORM_OFFSET] = [0x01, 0x05, 0x07, 0x08, 0x17]
const [NAME, STATEMENT_LIST, LOW_PC, HIGH_PC, LANGUAGE, COMPILED_IN, RANGES] = [
  0x03, 0x10, 0x11, 0x12, 0x13, 0x1b, 0x55,
]

/** An attribute, where it is said at all; bit `bit` of the number of an abbreviation says whether. */
const OPTIONAL = [
  { bit: 1, name: NAME, form: FORM_TEXT },
  { bit: 2, name: COMPILED_IN, form: FORM_TEXT },
  { bit: 4, name: LANGUAGE, form: FORM_2_BYTES },
] as const
const HAS_RANGES = 8
const COMBINATIONS = 16

/**
 * What has to be said of units so that debuggers find their lines: of each one entry without a type, a function or
 * a variable. DWARF 4 for lines of DWARF 4 and before, and 5 for those of 5, which number files in another way.
 */
export function debugInfo(units: readonly UnitLines[]): ReadonlyMap<string, Buffer> {
  const [info, lists, pairs, addresses] = [0, 1, 2, 3].map(() => new ByteWriter()) as Writers
  if (units.some(({ version }) => version >= 5)) beginLists(lists, units)
  for (const unit of units) {
    const code = codeOf(unit, lists, pairs)
    const entry = entryOf(unit, code)
    addAddresses(addresses, info.length, unit.code)
    info.bytes(headerOf(unit, entry.length)).bytes(entry)
  }
  const sections = { info, abbrev: abbreviations(), rnglists: lists, ranges: pairs, aranges: addresses }
  return new Map(
    Object.entries(sections)
      .filter(([, content]) => content.length > 0)
      .map(([name, content]) => [`.debug_${name}`, content.done()]),
  )
}

type Writers = [info: ByteWriter, lists: ByteWriter, pairs: ByteWriter, addresses: ByteWriter]

/** Its number says which attributes there are: 1 behind the bits of those that may be. */
function abbreviations(): ByteWriter {
  const table = new ByteWriter()
  for (let bits = 0; bits < COMBINATIONS; bits += 1) {
    table
      .small(bits + 1)
      .small(COMPILE_UNIT)
      .small(0)
    for (const { bit, name, form } of OPTIONAL) if ((bits & bit) !== 0) table.small(name).small(form)
    table.small(STATEMENT_LIST).small(FORM_OFFSET).small(LOW_PC).small(FORM_ADDRESS)
    if ((bits & HAS_RANGES) === 0) table.small(HIGH_PC).small(FORM_8_BYTES)
    else table.small(RANGES).small(FORM_OFFSET)
    table.small(0).small(0)
  }
  return table.small(0)
}

/** Where the code of a unit lies: one range, or a list that begins at a place of its section. */
type UnitCode = CodeRange | number

function codeOf({ code, version }: UnitLines, lists: ByteWriter, pairs: ByteWriter): UnitCode {
  const [first, ...others] = code
  if (first !== undefined && others.length === 0) return first
  return version >= 5 ? addList(lists, code) : addPairs(pairs, code)
}

function entryOf({ name, folder, language, linesAt }: UnitLines, code: UnitCode): Buffer {
  const entry = new ByteWriter()
  const isList = typeof code === 'number'
  const bits =
    (name === null ? 0 : 1) |
    (folder === null ? 0 : 2) |
    (language === null ? 0 : 4) |
    (isList ? HAS_RANGES : 0)
  entry.small(bits + 1)
  if (name !== null) entry.text(name)
  if (folder !== null) entry.text(folder)
  if (language !== null) entry.unsigned(language, 2)
  entry.unsigned(linesAt, 4)
  return (
    isList ? entry.long(0n).unsigned(code, 4) : entry.long(code.start).long(code.end - code.start)
  ).done()
}

function headerOf({ version }: UnitLines, entryBytes: number): Buffer {
  const isNew = version >= 5
  const header = new ByteWriter().unsigned(entryBytes + (isNew ? 8 : 7), 4).unsigned(isNew ? 5 : 4, 2)
  // Of the new one first that it is a whole unit; the one table of abbreviations begins at 0.
  return (
    isNew
      ? header.unsigned(1, 1).unsigned(ADDRESS_BYTES, 1).unsigned(0, 4)
      : header.unsigned(0, 4).unsigned(ADDRESS_BYTES, 1)
  ).done()
}

const [LIST_END, LIST_START_END] = [0, 6]
const [LIST_HEADER_BYTES, LIST_ENTRY_BYTES] = [8, 17]

/** `.debug_rnglists` says before all how long it is. */
function beginLists(lists: ByteWriter, units: readonly UnitLines[]): void {
  const counts = units
    .filter(({ version, code }) => version >= 5 && code.length > 1)
    .map(({ code }) => code.length)
  const lengthBytes = counts.reduce((sum, count) => sum + count * LIST_ENTRY_BYTES + 1, 0)
  if (counts.length === 0) return
  lists
    .unsigned(lengthBytes + LIST_HEADER_BYTES, 4)
    .unsigned(5, 2)
    .unsigned(ADDRESS_BYTES, 1)
    .unsigned(0, 1)
    .unsigned(0, 4)
}

function addList(lists: ByteWriter, code: readonly CodeRange[]): number {
  const at = lists.length
  for (const { start, end } of code) lists.small(LIST_START_END).long(start).long(end)
  lists.small(LIST_END)
  return at
}

/** `.debug_ranges`, of DWARF 4: relative to 0, and two zeros end it. */
function addPairs(pairs: ByteWriter, code: readonly CodeRange[]): number {
  const at = pairs.length
  for (const { start, end } of code) pairs.long(start).long(end)
  pairs.long(0n).long(0n)
  return at
}

const ADDRESSES_HEADER_BYTES = 16

/** `.debug_aranges`: elfutils find a unit by it alone. */
function addAddresses(addresses: ByteWriter, infoAt: number, code: readonly CodeRange[]): void {
  const lengthBytes = ADDRESSES_HEADER_BYTES - 4 + (code.length + 1) * 2 * ADDRESS_BYTES
  addresses
    .unsigned(lengthBytes, 4)
    .unsigned(2, 2)
    .unsigned(infoAt, 4)
    .unsigned(ADDRESS_BYTES, 1)
    .unsigned(0, 1)
  addresses.unsigned(0, 4)
  for (const { start, end } of code) addresses.long(start).long(end - start)
  addresses.long(0n).long(0n)
}
