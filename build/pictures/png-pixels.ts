import { inflateSync } from 'node:zlib'
import { chunksOf } from './png-chunk.ts'

export interface Pixels {
  readonly width: number
  readonly height: number
  /** Row by row, three bytes each: red, green, blue. */
  readonly bytes: Buffer
}

const BYTES = 3
const RGB = 2

/** Of a PNG as Chromium writes it of an opaque page: eight bits a colour, not interlaced. */
export function pixelsOf(png: Buffer): Pixels {
  const chunks = chunksOf(png)
  const head = chunks.find(({ type }) => type === 'IHDR')?.data
  if (head?.[8] !== 8 || head[9] !== RGB || head[12] !== 0)
    throw new Error('Cannot read the PNG: it is not of eight bits a colour, or has transparency')
  const [width, height] = [head.readUInt32BE(0), head.readUInt32BE(4)]
  const packed = Buffer.concat(chunks.filter(({ type }) => type === 'IDAT').map(({ data }) => data))
  return { width, height, bytes: unfiltered(inflateSync(packed), width * BYTES, height) }
}

/** https://www.w3.org/TR/png-3/#9Filter-types */
function unfiltered(rows: Buffer, stride: number, height: number): Buffer {
  const bytes = Buffer.alloc(stride * height)
  for (let y = 0; y < height; y++) {
    const filter = rows[y * (stride + 1)]
    for (let x = 0; x < stride; x++) {
      const left = x < BYTES ? 0 : (bytes[y * stride + x - BYTES] ?? 0)
      const above = bytes[(y - 1) * stride + x] ?? 0
      const corner = x < BYTES ? 0 : (bytes[(y - 1) * stride + x - BYTES] ?? 0)
      const expected = [0, left, above, (left + above) >> 1, paeth(left, above, corner)][filter ?? 0] ?? 0
      bytes[y * stride + x] = (rows[y * (stride + 1) + 1 + x] ?? 0) + expected
    }
  }
  return bytes
}

function paeth(left: number, above: number, corner: number): number {
  const [byLeft, byAbove, byCorner] = [above - corner, left - corner, left + above - 2 * corner].map(Math.abs)
  if ((byLeft ?? 0) <= (byAbove ?? 0) && (byLeft ?? 0) <= (byCorner ?? 0)) return left
  return (byAbove ?? 0) <= (byCorner ?? 0) ? above : corner
}
