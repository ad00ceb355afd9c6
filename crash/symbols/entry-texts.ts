import { shownText } from '../../untrusted/shown-text.ts'
import { lengthOfText } from '../elf.ts'
import { Cursor } from '../unwind/cursor.ts'
import { offsetIn } from './attribute-form.ts'
import type { Attribute } from './attributes.ts'
import type { DebugEntries } from './debug-entries.ts'
import type { DebugSection } from './debug-section.ts'
import type { DebugUnit } from './debug-unit.ts'

const TEXT_OFFSETS_BASE = 0x72
const [FORM_TEXT, FORM_IN_TEXT, FORM_IN_LINE_TEXT] = [0x08, 0x0e, 0x1f]
const NUMBERED_TEXTS: ReadonlySet<number> = new Set([0x1a, 0x25, 0x26, 0x27, 0x28])
/** Of the longest mangled names. */
const LONGEST_BYTES = 2048

/** Texts in entries of .debug_info, wherever they stand. */
export class EntryTexts {
  readonly #debug: DebugEntries

  constructor(debug: DebugEntries) {
    this.#debug = debug
  }

  /** `null`: there is none, or it is in another file, as dwz and split DWARF have them. */
  of(attribute: Attribute | undefined, unit: DebugUnit): string | null {
    if (attribute === undefined) return null
    const { form, value } = attribute
    const { text, lineText } = this.#debug.texts
    if (form === FORM_TEXT) return textAt(this.#debug.info, value)
    if (form === FORM_IN_TEXT) return textAt(text, value)
    if (form === FORM_IN_LINE_TEXT) return textAt(lineText, value)
    return NUMBERED_TEXTS.has(form) ? this.#numbered(Number(value), unit) : null
  }

  #numbered(number: number, { attributes, offsetBytes }: DebugUnit): string | null {
    const { text, textOffsets } = this.#debug.texts
    const base = Number(attributes.get(TEXT_OFFSETS_BASE)?.value ?? 2 * offsetBytes)
    const offset = new Cursor(textOffsets.read(base + number * offsetBytes, offsetBytes))
    const at = offsetIn(offset, offsetBytes)
    return offset.isCut ? null : textAt(text, at)
  }
}

function textAt(section: DebugSection, at: bigint): string | null {
  const bytes = section.read(Number(at), LONGEST_BYTES)
  const length = lengthOfText(bytes)
  return length === 0 ? null : shownText(bytes.subarray(0, length))
}
