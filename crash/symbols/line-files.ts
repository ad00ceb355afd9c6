import { shownText } from '../../untrusted/shown-text.ts'
import { lengthOfText } from '../elf.ts'
import { Cursor } from '../unwind/cursor.ts'
import { offsetIn, readForm } from './attribute-form.ts'
import type { TextSections } from './debug-entries.ts'
import type { Effort } from './effort.ts'
import type { LineUnit } from './line-unit.ts'

/** A folder, or a file and the number of its folder. Its name is looked up when it is asked for. */
interface Entry {
  readonly name: () => string
  readonly folder: number
}

const [FORM_TEXT, FORM_IN_TEXT, FORM_IN_LINE_TEXT] = [0x08, 0x0e, 0x1f]
const [CONTENT_NAME, CONTENT_FOLDER] = [1, 2]
const LONGEST_NAME_BYTES = 1024
/** To read one thing that is said of a file. */
const STEPS_A_VALUE = 3

/** The files of a unit and their folders, by their numbers; as many as `effort` suffices for. */
export class LineFiles {
  readonly #folders: readonly Entry[]
  readonly #files: readonly Entry[]

  constructor(unit: LineUnit, sections: TextSections, effort: Effort) {
    const cursor = new Cursor(unit.tables)
    const isNew = unit.version >= 5
    this.#folders = isNew
      ? [...describedEntries(cursor, unit, sections, effort)]
      : [NO_ENTRY, ...listedEntries(cursor, noNumbers, effort)]
    this.#files = isNew
      ? [...describedEntries(cursor, unit, sections, effort)]
      : [NO_ENTRY, ...listedEntries(cursor, fileNumbers, effort)]
  }

  /** The path as the compiler was told it: relative to where it ran, or absolute. */
  path(number: number): string | null {
    const file = this.#files[number]
    const name = file?.name() ?? ''
    if (file === undefined || name === '') return null
    // The first folder is where the compiler ran.
    const folder = file.folder === 0 ? '' : (this.#folders[file.folder]?.name() ?? '')
    return folder === '' || name.startsWith('/') ? name : `${folder}/${name}`
  }
}

const NO_ENTRY: Entry = { name: () => '', folder: 0 }

/** Before DWARF 5: a name and what `folderOf` reads. An empty name ends the list. */
function* listedEntries(
  cursor: Cursor,
  folderOf: (cursor: Cursor) => number,
  effort: Effort,
): Generator<Entry> {
  while (effort.spend(2 * STEPS_A_VALUE)) {
    const name = cursor.textBytes()
    if (name.length === 0 || cursor.isCut) return
    yield { name: () => readable(name), folder: folderOf(cursor) }
  }
}

const noNumbers = () => 0

/** Of the folder, and when the file was changed, and its length. */
function fileNumbers(cursor: Cursor): number {
  const folder = cursor.count()
  cursor.count()
  cursor.count()
  return folder
}

/** Of DWARF 5: first what is said of each, and in which form. */
function* describedEntries(
  cursor: Cursor,
  unit: LineUnit,
  sections: TextSections,
  effort: Effort,
): Generator<Entry> {
  const formats = Array.from({ length: cursor.unsigned(1) }, () => [cursor.count(), cursor.count()] as const)
  const steps = (formats.length + 1) * STEPS_A_VALUE
  for (let left = cursor.count(); left > 0 && !cursor.isCut && effort.spend(steps); left -= 1) {
    const begun = cursor.address
    yield entryIn(cursor, formats, unit, sections)
    // Of forms without a byte there could be as many as it says.
    if (cursor.address === begun) return
  }
}

function entryIn(
  cursor: Cursor,
  formats: readonly (readonly [content: number, form: number])[],
  unit: LineUnit,
  sections: TextSections,
): Entry {
  let { name, folder } = NO_ENTRY
  for (const [content, form] of formats) {
    if (content === CONTENT_NAME) name = nameIn(cursor, form, unit, sections)
    else {
      const value = readForm(cursor, form, unit) ?? 0n
      if (content === CONTENT_FOLDER) folder = Number(value)
    }
  }
  return { name, folder }
}

function nameIn(
  cursor: Cursor,
  form: number,
  unit: LineUnit,
  { text, lineText }: TextSections,
): Entry['name'] {
  if (form === FORM_TEXT) {
    const name = cursor.textBytes()
    return () => readable(name)
  }
  if (form !== FORM_IN_TEXT && form !== FORM_IN_LINE_TEXT) return NO_ENTRY.name
  const at = Number(offsetIn(cursor, unit.offsetBytes))
  return () => readable((form === FORM_IN_TEXT ? text : lineText).read(at, LONGEST_NAME_BYTES))
}

/** Up to a NUL, where there is one. */
function readable(bytes: Buffer): string {
  return shownText(bytes.subarray(0, Math.min(lengthOfText(bytes), LONGEST_NAME_BYTES)))
}
