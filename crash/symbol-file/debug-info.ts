import type { CodeRange } from '../symbols/code-ranges.ts'
import { abbreviations, FUNCTION, INLINED, NAMED_FUNCTION, UNIT } from './abbreviations.ts'
import { ByteWriter } from './byte-writer.ts'
import { CodeLists } from './code-lists.ts'
import type { FunctionCode, InlinedCode } from './inlined-code.ts'
import type { UnitLines } from './unit-lines.ts'

const ADDRESS_BYTES = 8
const ADDRESSES_HEADER_BYTES = 16

/**
 * What has to be said of units so that debuggers find their lines, and the functions that were inlined: no types, no
 * variables. DWARF 4 for lines of DWARF 4 and before, and 5 for those of 5, which number files in another way.
 */
export class DebugInfo {
  readonly #info = new ByteWriter()
  readonly #addresses = new ByteWriter()
  readonly #lists = { old: new CodeLists(4), new: new CodeLists(5) }

  add(unit: UnitLines): void {
    const isNew = unit.version >= 5
    const lists = isNew ? this.#lists.new : this.#lists.old
    const entries = entriesOf(unit, lists, isNew ? 12 : 11)
    this.#addAddresses(unit.code)
    this.#addHeader(isNew, entries.length)
    this.#info.bytes(entries)
  }

  sections(): ReadonlyMap<string, Buffer> {
    const sections = {
      '.debug_info': this.#info.done(),
      '.debug_abbrev': abbreviations(),
      '.debug_ranges': this.#lists.old.done(),
      '.debug_rnglists': this.#lists.new.done(),
      '.debug_aranges': this.#addresses.done(),
    }
    return new Map(Object.entries(sections).filter(([, content]) => content.length > 0))
  }

  #addHeader(isNew: boolean, entriesBytes: number): void {
    this.#info.unsigned(entriesBytes + (isNew ? 8 : 7), 4).unsigned(isNew ? 5 : 4, 2)
    // Of the new one first that it is a whole unit; the one table of abbreviations begins at 0.
    if (isNew) this.#info.unsigned(1, 1).unsigned(ADDRESS_BYTES, 1).unsigned(0, 4)
    else this.#info.unsigned(0, 4).unsigned(ADDRESS_BYTES, 1)
  }

  /** `.debug_aranges`: elfutils find a unit by it alone. Of the unit that comes next. */
  #addAddresses(code: readonly CodeRange[]): void {
    const lengthBytes = ADDRESSES_HEADER_BYTES - 4 + (code.length + 1) * 2 * ADDRESS_BYTES
    this.#addresses.unsigned(lengthBytes, 4).unsigned(2, 2).unsigned(this.#info.length, 4)
    this.#addresses.unsigned(ADDRESS_BYTES, 1).unsigned(0, 1).unsigned(0, 4)
    for (const { start, end } of code) this.#addresses.long(start).long(end - start)
    this.#addresses.long(0n).long(0n)
  }
}

/** `at`: where they begin in their unit. */
function entriesOf(unit: UnitLines, lists: CodeLists, at: number): Buffer {
  const { name, folder, language, linesAt, code, functions } = unit
  const entries = new ByteWriter()
  const isList = code.length > 1
  const has = { name: name !== null, folder: folder !== null, language: language !== null }
  entries.uleb(UNIT.number({ ...has, isList, hasChildren: functions.length > 0 }))
  if (name !== null) entries.text(name)
  if (folder !== null) entries.text(folder)
  if (language !== null) entries.unsigned(language, 2)
  entries.unsigned(linesAt, 4)
  if (isList) entries.long(0n).unsigned(lists.add(code), 4)
  else for (const { start, end } of code) entries.long(start).long(end - start)
  if (functions.length > 0) addFunctions(entries, functions, lists, at)
  return entries.done()
}

function addFunctions(
  entries: ByteWriter,
  functions: readonly FunctionCode[],
  lists: CodeLists,
  at: number,
): void {
  const origins = new Map<string, number>()
  for (const name of namesIn(functions)) {
    if (origins.has(name)) continue
    origins.set(name, at + entries.length)
    // 1: it was inlined, and not said to be.
    entries.uleb(NAMED_FUNCTION).text(name).unsigned(1, 1)
  }
  for (const { name, code, within } of functions) {
    entries.uleb(FUNCTION.number(code)).text(name)
    addCode(entries, code, lists)
    addInlined(entries, within, { lists, origins })
  }
  entries.uleb(0)
}

function addInlined(
  entries: ByteWriter,
  inlined: readonly InlinedCode[],
  around: { readonly lists: CodeLists; readonly origins: ReadonlyMap<string, number> },
): void {
  for (const { name, code, callFile, callLine, within } of inlined) {
    entries.uleb(INLINED.number(code, within.length > 0)).unsigned(around.origins.get(name) ?? 0, 4)
    addCode(entries, code, around.lists)
    entries.uleb(callFile).uleb(callLine)
    if (within.length > 0) addInlined(entries, within, around)
  }
  entries.uleb(0)
}

function addCode(entries: ByteWriter, code: readonly CodeRange[], lists: CodeLists): void {
  const [first] = code
  if (first === undefined || code.length > 1) entries.unsigned(lists.add(code), 4)
  else entries.long(first.start).unsigned(Number(BigInt.asUintN(32, first.end - first.start)), 4)
}

function* namesIn(functions: readonly Pick<FunctionCode, 'within'>[]): Generator<string> {
  for (const { within } of functions) {
    for (const { name } of within) yield name
    yield* namesIn(within)
  }
}
