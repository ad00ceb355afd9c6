import { plain } from '../../untrusted/plain-text.ts'
import type { Memory } from '../image/memory.ts'
import { extentOf } from './extent.ts'
import type { Layout } from './layout.ts'

/** Of a file's name and of a function's, as a report has them. */
const LONGEST = 256
/** As long as each text may be that is one. */
const MOST_CHARACTERS = 1n << 24n
const [KIND_AT, COMPACT, ASCII] = [2, 1 << 5, 1 << 6]

/**
 * The text of a str object, as one line of visible characters; `null`: it is none, or not at hand. `type`: where the
 * type of all of them is.
 */
export function textAt(
  memory: Memory,
  address: bigint,
  { typeAt, text }: Layout,
  type: bigint,
): string | null {
  const head = memory.read(address, extentOf({ ...text, typeAt }))
  if (head === null || head.readBigUInt64LE(typeAt) !== type) return null
  const state = head.readUInt32LE(text.stateAt)
  const length = head.readBigUInt64LE(text.lengthAt)
  const bytesEach = (state >> KIND_AT) & 7
  if ((state & COMPACT) === 0 || length > MOST_CHARACTERS || !isKind(bytesEach)) return null
  const at = address + BigInt((state & ASCII) === 0 ? text.othersAt : text.asciiAt)
  const characters = memory.read(at, Math.min(Number(length), LONGEST + 1) * bytesEach)
  return characters === null ? null : plain(decoded(characters, bytesEach), LONGEST)
}

type Kind = 1 | 2 | 4

function isKind(bytesEach: number): bytesEach is Kind {
  return bytesEach === 1 || bytesEach === 2 || bytesEach === 4
}

/** A byte of a file's name that is no UTF-8 is half of a pair, alone (surrogateescape, PEP 383). */
function decoded(characters: Buffer, bytesEach: Kind): string {
  if (bytesEach === 1) return characters.toString('latin1')
  if (bytesEach === 2) return characters.toString('utf16le')
  const codes = Array.from({ length: characters.length / 4 }, (_, index) =>
    characters.readUInt32LE(4 * index),
  )
  return String.fromCodePoint(...codes.map(code => (code > 0x10ffff ? 0xfffd : code)))
}
