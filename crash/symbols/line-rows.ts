import type { Cursor } from '../unwind/cursor.ts'
import type { Effort } from './effort.ts'
import type { LineUnit } from './line-unit.ts'

/** What code came from; the file by its number in the unit. */
export interface LineRow {
  readonly file: number
  readonly line: number
}

const MOST_ROWS = 1 << 19
const [PROGRAM_BYTES_A_STEP, NUMBERS_A_STEP] = [3, 100]
/** Address, file and line. */
const NUMBERS = 3
const [EXTENDED, COPY, ADVANCE_ADDRESS, ADVANCE_LINE, SET_FILE] = [0, 1, 2, 3, 4]
const [ADVANCE_AS_LAST, ADVANCE_FIXED] = [8, 9]
const [END_SEQUENCE, SET_ADDRESS] = [1, 2]
const ADDRESS_BYTES = 8

/**
 * The lines of a unit, as its program makes them (DWARF 5, 6.2.5). It is read without a {@link Cursor}, whose
 * exact numbers took five times as long. Never throws.
 */
export class LineRows {
  /** A row's line reaches to the next one's address. One of line 0 ends a sequence, or is of no line. */
  readonly #rows: number[] = []
  readonly #unit: LineUnit
  readonly #effort: Effort
  readonly #program: Buffer
  #at = 0
  #address = 0
  #file = 1
  #line = 1
  /** The linker leaves code out by having it begin at 0. */
  #isLeftOut = true

  /** There are none where `effort` does not suffice. */
  constructor(unit: LineUnit, effort: Effort) {
    this.#unit = unit
    this.#effort = effort
    this.#program = unit.program
    if (!effort.spend(this.#program.length / PROGRAM_BYTES_A_STEP)) return
    while (this.#at < this.#program.length && this.#rows.length < MOST_ROWS * NUMBERS) this.#step()
  }

  /** `null`: nothing is said of what is there. */
  at(address: number): LineRow | null {
    const rows = this.#effort.spend(this.#rows.length / NUMBERS_A_STEP) ? this.#rows : []
    for (let at = 0; at + NUMBERS < rows.length; at += NUMBERS)
      if (rows[at]! <= address && address < rows[at + NUMBERS]! && rows[at + 2] !== 0)
        return { file: rows[at + 1]!, line: rows[at + 2]! }
    return null
  }

  #step(): void {
    const { lineBase, lineRange, operandCounts } = this.#unit
    const opcode = this.#byte()
    const special = opcode - operandCounts.length - 1
    if (special < 0) this.#standard(opcode)
    else {
      this.#advance(Math.floor(special / lineRange))
      this.#line += lineBase + (special % lineRange)
      this.#add(this.#line)
    }
  }

  #standard(opcode: number): void {
    if (opcode === EXTENDED) this.#extended()
    else if (opcode === COPY) this.#add(this.#line)
    else if (opcode === ADVANCE_ADDRESS) this.#advance(this.#unsigned())
    else if (opcode === ADVANCE_LINE) this.#line += this.#signed()
    else if (opcode === SET_FILE) this.#file = this.#unsigned()
    else if (opcode === ADVANCE_AS_LAST) this.#advance(this.#longest())
    else if (opcode === ADVANCE_FIXED) this.#address += this.#byte() + 256 * this.#byte()
    else for (let left = this.#unit.operandCounts[opcode - 1]!; left > 0; left -= 1) this.#unsigned()
  }

  #extended(): void {
    const end = this.#unsigned() + this.#at
    const opcode = this.#byte()
    if (opcode === SET_ADDRESS && this.#at + ADDRESS_BYTES <= this.#program.length) {
      this.#address = Number(this.#program.readBigUInt64LE(this.#at))
      this.#isLeftOut = this.#address === 0
    } else if (opcode === END_SEQUENCE) {
      this.#add(0)
      ;[this.#address, this.#file, this.#line, this.#isLeftOut] = [0, 1, 1, true]
    }
    this.#at = end
  }

  /** As far as the last opcode goes. */
  #longest(): number {
    const { lineRange, operandCounts } = this.#unit
    return Math.floor((255 - operandCounts.length - 1) / lineRange)
  }

  #advance(instructions: number): void {
    this.#address += instructions * this.#unit.instructionBytes
  }

  #add(line: number): void {
    if (!this.#isLeftOut) this.#rows.push(this.#address, this.#file, line)
  }

  /** 0 behind the end. */
  #byte(): number {
    const byte = this.#program[this.#at] ?? 0
    this.#at += 1
    return byte
  }

  /** LEB128; above 2^53 it is no address or line, and not exact. */
  #unsigned(): number {
    let [value, scale, byte] = [0, 1, 0]
    do {
      byte = this.#byte()
      value += (byte & 0x7f) * scale
      scale *= 128
    } while (byte >= 0x80)
    return value
  }

  #signed(): number {
    const begun = this.#at
    const value = this.#unsigned()
    const isNegative = (this.#program[this.#at - 1]! & 0x40) !== 0
    return isNegative ? value - 128 ** (this.#at - begun) : value
  }
}
