import { Cursor } from '../unwind/cursor.ts'
import type { Abbreviations } from './abbreviations.ts'
import { offsetIn } from './attribute-form.ts'
import { type Attribute, attributesIn } from './attributes.ts'
import type { DebugSection } from './debug-section.ts'

/** A unit of .debug_info, and what the entry at its beginning says; all values are as they stand there. */
export interface DebugUnit {
  readonly version: number
  readonly offsetBytes: 4 | 8
  /** Where it begins, where its first entry does, and where the next unit begins. */
  readonly at: number
  readonly entriesAt: number
  readonly end: number
  /** Of the table in .debug_abbrev. */
  readonly abbreviationsAt: number
  readonly attributes: ReadonlyMap<number, Attribute>
}

/** A path in the entry may be long. */
const [BEGINNING_BYTES, LONGEST_BEGINNING_BYTES] = [512, 8192]
const IS_64_BITS = 0xffffffff
const [UNIT_TYPE, UNIT_SKELETON, UNIT_SPLIT_TYPE] = [2, 4, 6]

/** `null`: there is none. */
export function readDebugUnit(
  info: DebugSection,
  abbreviations: Abbreviations,
  at: number,
): DebugUnit | null {
  for (const lengthBytes of [BEGINNING_BYTES, LONGEST_BEGINNING_BYTES]) {
    const cursor = new Cursor(info.read(at, lengthBytes))
    const { hasCode, ...header } = readHeader(cursor)
    if (cursor.isCut) return null
    const entriesAt = at + Number(cursor.address)
    const attributes = hasCode ? readEntry(cursor, header, abbreviations) : new Map()
    if (!cursor.isCut) return { ...header, at, entriesAt, end: at + header.end, attributes }
  }
  return null
}

/** Where the unit behind that at `at` begins; `null`: there is none at `at`. */
export function endOfDebugUnit(info: DebugSection, at: number): number | null {
  const cursor = new Cursor(info.read(at, BEGINNING_BYTES))
  const { end } = readHeader(cursor)
  return cursor.isCut ? null : at + end
}

interface Header extends Omit<DebugUnit, 'at' | 'entriesAt' | 'attributes'> {
  readonly hasCode: boolean
}

function readHeader(cursor: Cursor): Header {
  const short = cursor.unsigned(4)
  const offsetBytes = short === IS_64_BITS ? 8 : 4
  const length = short === IS_64_BITS ? Number(cursor.long()) : short
  const end = length + (short === IS_64_BITS ? 12 : 4)
  const version = cursor.unsigned(2)
  const type = version >= 5 ? cursor.unsigned(1) : 0
  if (version >= 5) cursor.skip(1)
  const abbreviationsAt = Number(offsetIn(cursor, offsetBytes))
  if (version < 5) cursor.skip(1)
  if (type >= UNIT_SKELETON) cursor.skip(8)
  const hasCode = version >= 2 && version <= 5 && type !== UNIT_TYPE && type !== UNIT_SPLIT_TYPE
  return { version, offsetBytes, end, abbreviationsAt, hasCode }
}

function readEntry(
  cursor: Cursor,
  header: Omit<Header, 'hasCode'>,
  abbreviations: Abbreviations,
): Map<number, Attribute> {
  const code = cursor.count()
  return attributesIn(cursor, abbreviations.formsOf(header.abbreviationsAt, code), header)
}
