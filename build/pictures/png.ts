import { deflateSync } from 'node:zlib'
import { paletteFor } from './palette.ts'
import { type Chunk, chunksOf, pngOf } from './png-chunk.ts'
import { pixelsOf } from './png-pixels.ts'

const KEYWORD = 'Source'

/** The picture with 256 colours, a third of its size, and with a word in it about what it was made of. */
export function withSource(png: Buffer, source: string): Buffer {
  const { width, height, bytes } = pixelsOf(png)
  const { colours, indexOf } = paletteFor(bytes)
  const rows = Buffer.alloc(height * (width + 1))
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) rows[y * (width + 1) + 1 + x] = indexOf(3 * (y * width + x))
  return pngOf([
    { type: 'IHDR', data: headOf(width, height) },
    textChunk(source),
    { type: 'PLTE', data: colours },
    { type: 'IDAT', data: deflateSync(rows, { level: 9, memLevel: 9 }) },
    { type: 'IEND', data: Buffer.alloc(0) },
  ])
}

/** What {@link withSource} put in; null: nothing. */
export function sourceOf(png: Buffer): string | null {
  const text = chunksOf(png)
    .find(({ type }) => type === 'tEXt')
    ?.data.toString('latin1')
  return text?.startsWith(`${KEYWORD}\0`) ? text.slice(KEYWORD.length + 1) : null
}

/** Eight bits a pixel, each the number of a colour. */
function headOf(width: number, height: number): Buffer {
  const head = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 8, 3, 0, 0, 0])
  head.writeUInt32BE(width, 0)
  head.writeUInt32BE(height, 4)
  return head
}

function textChunk(text: string): Chunk {
  return { type: 'tEXt', data: Buffer.from(`${KEYWORD}\0${text}`, 'latin1') }
}
