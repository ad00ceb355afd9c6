import { Lzma, type LzmaProperties } from './lzma.ts'
import { RangeDecoder } from './range-decoder.ts'

/** A piece of LZMA2, of at most 2 MiB. */
interface Piece {
  readonly kind: 'copied' | 'compressed'
  /** What is before it is not referred to any more. */
  readonly beginsAnew: boolean
  /** Its odds are even again; and perhaps it has other properties. */
  readonly hasNewState: boolean
  readonly properties: LzmaProperties | null
  readonly content: Buffer
  readonly outputBytes: number
}

/** One is some ten kB of what is compressed, but for the last. */
const MOST_PIECES = 4096
const MOST_LITERAL_BITS = 4
const MOST_POSITION_BITS = 4

/** The pieces up to the end of LZMA2, and where that is; `null`: it has none, or they are cut off. */
export function lzma2Pieces(
  bytes: Buffer,
  from: number,
): { readonly pieces: Piece[]; readonly end: number } | null {
  const pieces: Piece[] = []
  for (let at = from; at < bytes.length && pieces.length < MOST_PIECES; ) {
    const control = bytes[at]!
    if (control === 0) return { pieces, end: at + 1 }
    const read = control < 0x80 ? copiedPiece(bytes, at) : compressedPiece(bytes, at)
    if (read === null) return null
    pieces.push(read.piece)
    at = read.end
  }
  return null
}

function copiedPiece(bytes: Buffer, at: number): { readonly piece: Piece; readonly end: number } | null {
  if (bytes[at]! > 2 || at + 3 > bytes.length) return null
  const outputBytes = bytes.readUInt16BE(at + 1) + 1
  const content = bytes.subarray(at + 3, at + 3 + outputBytes)
  if (content.length !== outputBytes) return null
  const beginsAnew = bytes[at] === 1
  const piece = {
    kind: 'copied',
    beginsAnew,
    hasNewState: false,
    properties: null,
    content,
    outputBytes,
  } as const
  return { piece, end: at + 3 + outputBytes }
}

function compressedPiece(bytes: Buffer, at: number): { readonly piece: Piece; readonly end: number } | null {
  if (at + 6 > bytes.length) return null
  const [control, resets] = [bytes[at]!, (bytes[at]! >> 5) & 3]
  const properties = resets < 2 ? null : propertiesOf(bytes[at + 5]!)
  const contentAt = at + (resets < 2 ? 5 : 6)
  const end = contentAt + bytes.readUInt16BE(at + 3) + 1
  if (end > bytes.length || (resets >= 2 && properties === null)) return null
  const piece = {
    kind: 'compressed',
    beginsAnew: resets === 3,
    hasNewState: resets > 0,
    properties,
    content: bytes.subarray(contentAt, end),
    outputBytes: ((control & 0x1f) << 16) + bytes.readUInt16BE(at + 1) + 1,
  } as const
  return { piece, end }
}

function propertiesOf(byte: number): LzmaProperties | null {
  const properties = {
    literalContextBits: byte % 9,
    literalPositionBits: Math.floor(byte / 9) % 5,
    positionBits: Math.floor(byte / 45),
  }
  const { literalContextBits, literalPositionBits, positionBits } = properties
  const isValid =
    literalContextBits + literalPositionBits <= MOST_LITERAL_BITS && positionBits <= MOST_POSITION_BITS
  return isValid ? properties : null
}

/** Puts what the pieces stand for into `output` from `at` on; `false`: they are broken. */
export function decodeLzma2(pieces: readonly Piece[], output: Buffer, from: number): boolean {
  let [window, at] = [output.subarray(from), 0]
  let [lzma, properties] = [null as Lzma | null, null as LzmaProperties | null]
  for (const piece of pieces) {
    if (piece.beginsAnew) [window, at] = [window.subarray(at), 0]
    properties = piece.properties ?? properties
    if (piece.hasNewState) lzma = properties && new Lzma(properties)
    const end = at + piece.outputBytes
    if (piece.kind === 'copied') piece.content.copy(window, at)
    else if (lzma === null || !lzma.fill(new RangeDecoder(piece.content), window, at, end)) return false
    at = end
  }
  return true
}
