import { Cursor } from '../unwind/cursor.ts'
import { FORM_ADDRESS, offsetIn } from './attribute-form.ts'
import type { Attribute } from './attributes.ts'
import type { DebugSection } from './debug-section.ts'
import type { DebugUnit } from './debug-unit.ts'
import type { Effort } from './effort.ts'

/** Code, as the program headers have addresses; `end` is behind it. */
export interface CodeRange {
  readonly start: bigint
  readonly end: bigint
}

/** The sections that say where a unit's code lies. */
export interface RangeSections {
  readonly addresses: DebugSection
  readonly ranges: DebugSection
  readonly rangeLists: DebugSection
}

const [LOW_PC, HIGH_PC, RANGES, ADDRESS_BASE, LISTS_BASE] = [0x11, 0x12, 0x55, 0x73, 0x74]
const FORM_LIST_INDEX = 0x23
const INDEXED_ADDRESSES: ReadonlySet<number> = new Set([0x1b, 0x29, 0x2a, 0x2b, 0x2c])
const ADDRESS_BYTES = 8
const [USUAL_LIST_BYTES, LONGEST_LIST_BYTES] = [1024, 256 << 10]
const MOST_RANGES = 16 << 10
const LIST_BYTES_A_STEP = 8
const IS_BASE = 2n ** 64n - 1n

/** Where the code of a unit lies; of code that the linker left out the start is 0. */
export function codeRanges(unit: DebugUnit, sections: RangeSections, effort: Effort): readonly CodeRange[] {
  const [low, high, ranges] = [LOW_PC, HIGH_PC, RANGES].map(name => unit.attributes.get(name))
  const start = low === undefined ? 0n : addressOf(unit, sections, low)
  if (ranges === undefined && high === undefined) return []
  if (ranges === undefined && high !== undefined)
    return [{ start, end: isAddress(high) ? addressOf(unit, sections, high) : start + high.value }]
  return unit.version < 5
    ? whole(
        bytes => sections.ranges.read(Number(ranges!.value), bytes),
        cursor => pairs(cursor, start),
        effort,
      )
    : whole(
        bytes => sections.rangeLists.read(listAt(unit, sections, ranges!), bytes),
        cursor => listed(cursor, start, index => indexed(unit, sections, index)),
        effort,
      )
}

/** Most lists are short, and there are many. */
function whole(
  read: (lengthBytes: number) => Buffer,
  rangesIn: (cursor: Cursor) => readonly CodeRange[],
  effort: Effort,
): readonly CodeRange[] {
  const bytes = read(USUAL_LIST_BYTES)
  const cursor = new Cursor(bytes)
  const ranges = rangesIn(cursor)
  const isCut = cursor.isAtEnd && bytes.length === USUAL_LIST_BYTES
  return isCut && effort.spend(LONGEST_LIST_BYTES / LIST_BYTES_A_STEP)
    ? rangesIn(new Cursor(read(LONGEST_LIST_BYTES)))
    : ranges
}

function isAddress({ form }: Attribute): boolean {
  return form === FORM_ADDRESS || INDEXED_ADDRESSES.has(form)
}

function addressOf(unit: DebugUnit, sections: RangeSections, { form, value }: Attribute): bigint {
  return form === FORM_ADDRESS ? value : indexed(unit, sections, value)
}

function indexed(unit: DebugUnit, { addresses }: RangeSections, index: bigint): bigint {
  const base = unit.attributes.get(ADDRESS_BASE)?.value ?? 8n
  const bytes = addresses.read(Number(base + index * BigInt(ADDRESS_BYTES)), ADDRESS_BYTES)
  return bytes.length === ADDRESS_BYTES ? bytes.readBigUInt64LE(0) : 0n
}

function listAt(unit: DebugUnit, { rangeLists }: RangeSections, { form, value }: Attribute): number {
  if (form !== FORM_LIST_INDEX) return Number(value)
  const base = Number(unit.attributes.get(LISTS_BASE)?.value ?? 0n)
  const offset = new Cursor(rangeLists.read(base + Number(value) * unit.offsetBytes, unit.offsetBytes))
  return base + Number(offsetIn(offset, unit.offsetBytes))
}

/** Of .debug_ranges: two zeros end it, and the highest address says that the next one is added to others. */
function pairs(cursor: Cursor, unitStart: bigint): readonly CodeRange[] {
  const ranges: CodeRange[] = []
  let base = unitStart
  while (!cursor.isAtEnd && ranges.length < MOST_RANGES) {
    const [start, end] = [cursor.long(), cursor.long()]
    if (start === 0n && end === 0n) break
    if (start === IS_BASE) base = end
    else ranges.push({ start: base + start, end: base + end })
  }
  return ranges
}

/** Of .debug_rnglists (DWARF 5, 7.25). */
function listed(cursor: Cursor, unitStart: bigint, indexed: (index: bigint) => bigint): readonly CodeRange[] {
  const ranges: CodeRange[] = []
  let base = unitStart
  const length = (start: bigint): CodeRange => ({ start, end: start + cursor.uleb() })
  const readers: Readonly<Record<number, () => CodeRange>> = {
    2: () => ({ start: indexed(cursor.uleb()), end: indexed(cursor.uleb()) }),
    3: () => length(indexed(cursor.uleb())),
    4: () => ({ start: base + cursor.uleb(), end: base + cursor.uleb() }),
    6: () => ({ start: cursor.long(), end: cursor.long() }),
    7: () => length(cursor.long()),
  }
  while (!cursor.isAtEnd && ranges.length < MOST_RANGES) {
    const kind = cursor.unsigned(1)
    const read = readers[kind]
    if (kind === 1) base = indexed(cursor.uleb())
    else if (kind === 5) base = cursor.long()
    else if (read === undefined) break
    else ranges.push(read())
  }
  return ranges
}
