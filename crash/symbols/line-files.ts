import { shownText } from '../../untrusted/shown-text.ts'
import { lengthOfText } from '../elf.ts'
import { Cursor } from '../unwind/cursor.ts'
import { offsetIn, readForm } from './attribute-form.ts'
import type { DebugSection } from './debug-section.ts'
import type { LineUnit } from './line-unit.ts'

/** Where names of DWARF 5 may stand. */
export interface TextSections {
  readonly text: DebugSection
  readonly lineText: DebugSection
}

/** A folder, or a file and the number of its folder. */
interface Entry {
  readonly name: string
  readonly folder: number
}

const [FORM_TEXT, FORM_IN_TEXT, FORM_IN_LINE_TEXT] = [0x08, 0x0e, 0x1f]
const [CONTENT_NAME, CONTENT_FOLDER] = [1, 2]
const MOST_ENTRIES = 1 << 16
const LONGEST_NAME_BYTES = 1024

/** The files of a unit and their folders, by their numbers. */
export class LineFiles {
  readonly #folders: readonly Entry[]
  readonly #files: readonly Entry[]

  constructor(unit: LineUnit, sections: TextSections) {
    const cursor = new Cursor(unit.tables)
    const isNew = unit.version >= 5
    this.#folders = isNew ? describedEntries(cursor, unit, sections) : [NO_ENTRY, ...folderEntries(cursor)]
    this.#files = isNew ? describedEntries(cursor, unit, sections) : [NO_ENTRY, ...fileEntries(cursor)]
  }

  /** The path as the compiler was told it: relative to where it ran, or absolute. */
  path(number: number): string | null {
    const file = this.#files[number]
    if (file === undefined || file.name === '') return null
    // The first folder is where the compiler ran.
    const folder = file.folder === 0 ? '' : (this.#folders[file.folder]?.name ?? '')
    return folder === '' || file.name.startsWith('/') ? file.name : `${folder}/${file.name}`
  }
}

const NO_ENTRY: Entry = { name: '', folder: 0 }

/** Before DWARF 5. An empty name ends the list. */
function* folderEntries(cursor: Cursor): Generator<Entry> {
  for (let name = cursor.text(); name !== '' && !cursor.isCut; name = cursor.text())
    yield { name: readable(name), folder: 0 }
}

function* fileEntries(cursor: Cursor): Generator<Entry> {
  for (let name = cursor.text(); name !== '' && !cursor.isCut; name = cursor.text()) {
    yield { name: readable(name), folder: cursor.count() }
    // When it was changed, and its length.
    cursor.count()
    cursor.count()
  }
}

/** Of DWARF 5: first what is said of each, and in which form. */
function describedEntries(cursor: Cursor, unit: LineUnit, sections: TextSections): readonly Entry[] {
  const formats = Array.from({ length: cursor.unsigned(1) }, () => [cursor.count(), cursor.count()] as const)
  const count = Math.min(cursor.count(), MOST_ENTRIES)
  const entries: Entry[] = []
  while (entries.length < count && !cursor.isCut) {
    const begun = cursor.address
    let entry = NO_ENTRY
    for (const [content, form] of formats) {
      if (content === CONTENT_NAME) entry = { ...entry, name: nameIn(cursor, form, unit, sections) }
      else {
        const value = Number(readForm(cursor, form, unit) ?? 0n)
        if (content === CONTENT_FOLDER) entry = { ...entry, folder: value }
      }
    }
    entries.push(entry)
    // Of forms without a byte there could be as many as it says.
    if (cursor.address === begun) break
  }
  return entries
}

function nameIn(cursor: Cursor, form: number, unit: LineUnit, { text, lineText }: TextSections): string {
  if (form === FORM_TEXT) return readable(cursor.text())
  if (form !== FORM_IN_TEXT && form !== FORM_IN_LINE_TEXT) return ''
  const at = Number(offsetIn(cursor, unit.offsetBytes))
  const bytes = (form === FORM_IN_TEXT ? text : lineText).read(at, LONGEST_NAME_BYTES)
  return shownText(bytes.subarray(0, lengthOfText(bytes)))
}

function readable(latin1: string): string {
  return shownText(Buffer.from(latin1.slice(0, LONGEST_NAME_BYTES), 'latin1'))
}
