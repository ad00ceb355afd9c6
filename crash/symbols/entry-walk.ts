import { Cursor } from '../unwind/cursor.ts'
import type { EntryLayouts } from './abbreviations.ts'
import { type Attribute, attributesIn } from './attributes.ts'
import type { DebugUnit } from './debug-unit.ts'
import type { EntryLayout } from './entry-layout.ts'
import { endOfNumber, endOfValue, numberAt } from './form-size.ts'

/** What a walk passes over in a step: twenty bytes of entries take two tenths of a microsecond. */
export const ENTRY_BYTES_A_STEP = 10

const SIBLING = 0x01

/** Goes through an entry of .debug_info and all that are within it, in the order of the file. Never throws. */
export class EntryWalk {
  readonly #unit: DebugUnit
  readonly #bytes: Buffer
  /** Of `bytes`, in .debug_info. */
  readonly #offset: number
  readonly #layouts: EntryLayouts
  #at = 0
  #valuesAt = 0
  #innerDepth = 0
  #layout: EntryLayout | undefined
  #entryAt = 0
  #depth = 0

  /** `bytes` begin with the entry, which is at `offset`; they may be cut off. */
  constructor(unit: DebugUnit, layouts: EntryLayouts, offset: number, bytes: Buffer) {
    this.#unit = unit
    this.#layouts = layouts
    this.#offset = offset
    this.#bytes = bytes
  }

  /** How many entries the last one is in; the first is in none. */
  get depth(): number {
    return this.#depth
  }

  /** How many entries are not over. */
  get innerDepth(): number {
    return this.#innerDepth
  }

  /** Where in .debug_info the last one begins. */
  get entryAt(): number {
    return this.#offset + this.#entryAt
  }

  /** Whether there were more. */
  get isCut(): boolean {
    return this.#layout === undefined || this.#innerDepth > 0
  }

  /** What the next entry is; `null`: there is none, or it is none that is known. */
  next(): EntryLayout | null {
    while (this.#at < this.#bytes.length && (this.#layout === undefined || this.#innerDepth > 0)) {
      this.#entryAt = this.#at
      const code = numberAt(this.#bytes, this.#at)
      this.#at = endOfNumber(this.#bytes, this.#at)
      if (code !== 0) return this.#enter(this.#layouts.get(code))
      this.#innerDepth -= 1
    }
    return null
  }

  #enter(layout: EntryLayout | undefined): EntryLayout | null {
    const end = layout === undefined ? Number.NaN : this.#endOf(layout)
    if (layout === undefined || !(end <= this.#bytes.length)) {
      this.#at = this.#bytes.length
      return null
    }
    this.#depth = this.#innerDepth
    if (layout.hasChildren) this.#innerDepth += 1
    ;[this.#layout, this.#valuesAt, this.#at] = [layout, this.#at, end]
    return layout
  }

  #endOf({ parts }: EntryLayout): number {
    let at = this.#at
    for (const { fixedBytes, form } of parts) {
      at += fixedBytes
      if (form !== 0) at = endOfValue(this.#bytes, at, form, this.#unit.offsetBytes)
    }
    return at
  }

  /** Of the last entry. */
  attributes(): ReadonlyMap<number, Attribute> {
    const values = this.#bytes.subarray(this.#valuesAt, this.#at)
    const cursor = new Cursor(values, BigInt(this.#offset + this.#valuesAt))
    return attributesIn(cursor, this.#layout?.forms ?? [], this.#unit)
  }

  /** Goes on behind those within the last entry at once, where it says where that is; no further than to `last`. */
  skipChildren(last = Number.POSITIVE_INFINITY): void {
    if (this.#layout?.hasSibling !== true || !this.#layout.hasChildren) return
    const sibling = Number(this.attributes().get(SIBLING)?.value ?? 0n)
    const at = this.#unit.at + sibling - this.#offset
    if (at < this.#at || at > this.#bytes.length || at + this.#offset > last) return
    ;[this.#at, this.#innerDepth] = [at, this.#depth]
  }
}
