import type { CodeRange } from '../symbols/code-ranges.ts'
import { ByteWriter } from './byte-writer.ts'

const [LIST_END, LIST_START_END] = [0, 6]
const HEADER_BYTES = 12
const ADDRESS_BYTES = 8
const IS_BASE = 2n ** 64n - 1n

/** Where code lies that is in several pieces: `.debug_ranges` of DWARF 4, `.debug_rnglists` of DWARF 5. */
export class CodeLists {
  readonly #version: 4 | 5
  readonly #lists = new ByteWriter()

  constructor(version: 4 | 5) {
    this.#version = version
  }

  /** Returns where the list is in its section. */
  add(code: readonly CodeRange[]): number {
    const at = this.#lists.length
    return this.#version === 5 ? HEADER_BYTES + this.#addNew(at, code) : this.#addOld(at, code)
  }

  #addNew(at: number, code: readonly CodeRange[]): number {
    for (const { start, end } of code) this.#lists.uleb(LIST_START_END).long(start).long(end)
    this.#lists.uleb(LIST_END)
    return at
  }

  /** First that it is not relative to the unit; two zeros end it. */
  #addOld(at: number, code: readonly CodeRange[]): number {
    this.#lists.long(IS_BASE).long(0n)
    for (const { start, end } of code) this.#lists.long(start).long(end)
    this.#lists.long(0n).long(0n)
    return at
  }

  /** Empty, where there is no list. */
  done(): Buffer {
    const lists = this.#lists.done()
    if (this.#version === 4 || lists.length === 0) return lists
    const header = new ByteWriter().unsigned(lists.length + HEADER_BYTES - 4, 4).unsigned(5, 2)
    return header.unsigned(ADDRESS_BYTES, 1).unsigned(0, 1).unsigned(0, 4).bytes(lists).done()
  }
}
