import { Cursor } from '../unwind/cursor.ts'
import { offsetIn, type Widths } from './attribute-form.ts'
import type { DebugSection } from './debug-section.ts'

/** A unit of .debug_line (DWARF 5, 6.2.4): a program that makes the lines, and the files that it speaks of. */
export interface LineUnit extends Widths {
  readonly version: number
  /** The shortest instruction. */
  readonly instructionBytes: number
  readonly lineBase: number
  readonly lineRange: number
  /** By opcode, from 1 on: how many numbers follow it. Opcodes behind these make a line by themselves. */
  readonly operandCounts: Buffer
  /** Folders and files. */
  readonly tables: Buffer
  readonly program: Buffer
}

const IS_64_BITS = 0xffffffff
/** Of a large file of C++ it has some hundred kB. */
const LARGEST_UNIT_BYTES = 4 << 20

/** `null`: there is none, or it is too large. */
export function readLineUnit(lines: DebugSection, at: number): LineUnit | null {
  const beginning = new Cursor(lines.read(at, 12))
  const short = beginning.unsigned(4)
  const isLong = short === IS_64_BITS
  const lengthBytes = isLong ? Number(beginning.long()) : short
  if (lengthBytes > LARGEST_UNIT_BYTES) return null
  const content = lines.read(at + (isLong ? 12 : 4), lengthBytes)
  return content.length === lengthBytes ? lineUnitIn(content, isLong ? 8 : 4) : null
}

function lineUnitIn(content: Buffer, offsetBytes: 4 | 8): LineUnit | null {
  const cursor = new Cursor(content)
  const version = cursor.unsigned(2)
  // Of DWARF 5 the sizes of addresses and segments.
  if (version >= 5) cursor.skip(2)
  const headerBytes = Number(offsetIn(cursor, offsetBytes))
  const programAt = Number(cursor.address) + headerBytes
  const instructionBytes = cursor.unsigned(1)
  // How many instructions go at once, and whether lines are statements, which is nothing to a crash.
  cursor.skip(version >= 4 ? 2 : 1)
  const lineBase = (cursor.unsigned(1) << 24) >> 24
  const lineRange = cursor.unsigned(1)
  const operandCounts = cursor.take(cursor.unsigned(1) - 1)
  if (cursor.isCut || version < 2 || version > 5 || lineRange === 0) return null
  const tables = content.subarray(Number(cursor.address), programAt)
  const program = content.subarray(programAt)
  return { version, offsetBytes, instructionBytes, lineBase, lineRange, operandCounts, tables, program }
}
