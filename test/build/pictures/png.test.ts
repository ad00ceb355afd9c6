import assert from 'node:assert/strict'
import { it } from 'node:test'
import { deflateSync, inflateSync } from 'node:zlib'
import fc from 'fast-check'
import { sourceOf, withSource } from '../../../build/pictures/png.ts'
import { chunksOf, pngOf } from '../../../build/pictures/png-chunk.ts'
import { pixelsOf } from '../../../build/pictures/png-pixels.ts'
import { inputs } from '../../inputs.ts'

it('a picture says of what it was made', () => {
  const png = pngWith([0, 0, 9, 9, 9], { width: 1, height: 1 })
  assert.equal(sourceOf(png), null)
  assert.equal(sourceOf(withSource(png, 'sha256:12')), 'sha256:12')
})

// A row of two pixels by each filter: none, left, above, their mean, Paeth's.
const ROWS = [
  ...[0, 10, 20, 30, 40, 50, 60],
  ...[1, 10, 20, 30, 30, 30, 30],
  ...[2, 0, 0, 0, 1, 1, 1],
  ...[3, 5, 10, 15, 255, 0, 0],
  ...[4, 1, 1, 1, 0, 0, 0],
]

it('a picture is read by all filters', () => {
  const { bytes } = pixelsOf(pngWith(ROWS, { width: 2, height: 5 }))
  const rows = [0, 1, 2, 3, 4].map(row => [...bytes.subarray(row * 6, row * 6 + 6)])
  assert.deepEqual(rows, [
    [10, 20, 30, 40, 50, 60],
    [10, 20, 30, 40, 50, 60],
    [10, 20, 30, 41, 51, 61],
    [10, 20, 30, 24, 35, 45],
    [11, 21, 31, 24, 35, 45],
  ])
})

it('of up to 256 colours, each stays as it was', () => {
  const pixels = fc.array(fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255)), { minLength: 1, maxLength: 40 })
  fc.assert(
    fc.property(pixels, colours => {
      const size = { width: colours.length, height: 1 }
      const png = withSource(pngWith([0, ...colours.flat()], size), 'x')
      assert.deepEqual(shown(png), colours)
    }),
    inputs(),
  )
})

it('of more colours, the rare ones become the nearest of the others', () => {
  const grey = Array.from({ length: 256 }, (_, at) => [at, at, at])
  const colours = [...grey, ...grey, [100, 100, 103]]
  const png = withSource(pngWith([0, ...colours.flat()], { width: colours.length, height: 1 }), 'x')
  assert.deepEqual(shown(png).at(-1), [101, 101, 101])
})

it('a picture that can be seen through is refused', () => {
  const head = { type: 'IHDR', data: Buffer.from([0, 0, 0, 1, 0, 0, 0, 1, 8, 6, 0, 0, 0]) }
  assert.throws(() => pixelsOf(pngOf([head])), /transparency/)
})

/** By the palette, of a picture of one row. */
function shown(png: Buffer): number[][] {
  const chunks = Object.fromEntries(chunksOf(png).map(({ type, data }) => [type, data]))
  const [, ...row] = inflateSync(chunks.IDAT ?? Buffer.alloc(0))
  return row.map(index => [...(chunks.PLTE?.subarray(3 * index, 3 * index + 3) ?? [])])
}

function pngWith(rows: readonly number[], { width, height }: { width: number; height: number }): Buffer {
  const head = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 8, 2, 0, 0, 0])
  head.writeUInt32BE(width, 0)
  head.writeUInt32BE(height, 4)
  const pixels = { type: 'IDAT', data: deflateSync(Buffer.from(rows)) }
  return pngOf([{ type: 'IHDR', data: head }, pixels, { type: 'IEND', data: Buffer.alloc(0) }])
}
