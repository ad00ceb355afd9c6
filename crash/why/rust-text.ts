import { isUtf8 } from 'node:buffer'
import { clip, plain } from '../../untrusted/plain-text.ts'
import type { Memory } from '../image/memory.ts'

const LONGEST_BYTES = 1024
const LARGEST_TEXT_BYTES = 1n << 20n
/** Of a character of UTF-8 that was cut. */
const LONGEST_CUT_BYTES = 3

/** What begins a table of virtual functions of Rust: what drops the value, its size and alignment. */
const TABLE_BYTES = 24
const [LARGEST_VALUE_BYTES, LARGEST_ALIGNMENT] = [1n << 16n, 64n]
/** Of a &str; of a String; and of a String that may be none yet, with the message that it is made of. */
const [TEXT_BYTES, STRING_BYTES, MESSAGE_BYTES, ALIGNMENT] = [16n, 24n, 32n, 8n]

/** How a value of Rust lies in memory. */
export interface RustValue {
  readonly sizeBytes: bigint
  readonly alignment: bigint
}

/** Of a value whose table of virtual functions is at `address`; `null`: it is none. */
export function rustValueBy(memory: Memory, address: bigint): RustValue | null {
  const table = memory.read(address, TABLE_BYTES)
  if (table === null) return null
  const [sizeBytes, alignment] = [table.readBigUInt64LE(8), table.readBigUInt64LE(16)]
  if (sizeBytes > LARGEST_VALUE_BYTES || alignment === 0n || alignment > LARGEST_ALIGNMENT) return null
  return (alignment & (alignment - 1n)) === 0n ? { sizeBytes, alignment } : null
}

/**
 * The text of the value at `address` that a panic of Rust was given: a &str or a String, or FormatStringPayload
 * (library/std/src/panicking.rs). One line of visible characters; `null`: it is of another type, or is empty,
 * or not at hand.
 */
export function rustTextOf(memory: Memory, address: bigint, value: RustValue): string | null {
  const { sizeBytes, alignment } = value
  if (alignment !== ALIGNMENT || ![TEXT_BYTES, STRING_BYTES, MESSAGE_BYTES].includes(sizeBytes)) return null
  const bytes = memory.read(address, Number(sizeBytes))
  if (bytes === null) return null
  const words = Array.from({ length: bytes.length / 8 }, (_, at) => bytes.readBigUInt64LE(8 * at))
  if (sizeBytes === TEXT_BYTES) return textAt(memory, words[0] ?? 0n, words[1] ?? 0n)
  return textOfString(memory, words.slice(0, 3)) ?? textOfString(memory, words.slice(1))
}

/** Address, capacity and length in the order that the compiler chose: no address is as low as a length. */
function textOfString(memory: Memory, words: readonly bigint[]): string | null {
  const [length = 0n, capacity = 0n, address = 0n] = words.toSorted((a, b) => (a < b ? -1 : 1))
  return capacity > LARGEST_TEXT_BYTES ? null : textAt(memory, address, length)
}

function textAt(memory: Memory, address: bigint, length: bigint): string | null {
  if (length === 0n || length > LARGEST_TEXT_BYTES) return null
  const bytes = memory.read(address, Math.min(Number(length), LONGEST_BYTES))
  const text = bytes === null ? null : wholeCharacters(bytes)
  if (text === null) return null
  const shown = plain(text.trim().replace(/\s*\n\s*/g, '; '), LONGEST_BYTES)
  return Number(length) > LONGEST_BYTES ? clip(`${shown}…`, LONGEST_BYTES) : shown
}

/** A text of Rust is UTF-8 in any case: what is not is none. */
function wholeCharacters(bytes: Buffer): string | null {
  const most = bytes.length < LONGEST_BYTES ? 0 : LONGEST_CUT_BYTES
  for (let cut = 0; cut <= most; cut += 1) {
    const whole = bytes.subarray(0, bytes.length - cut)
    if (isUtf8(whole)) return whole.toString('utf8')
  }
  return null
}
