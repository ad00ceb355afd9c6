import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { linesOf } from '../../kube/lines.ts'
import { inputs } from '../inputs.ts'

async function linesIn(chunks: readonly Buffer[], longestBytes = 1000): Promise<string[]> {
  const lines: string[] = []
  for await (const line of linesOf(asStream(chunks), longestBytes)) lines.push(line)
  return lines
}

async function* asStream(chunks: readonly Buffer[]): AsyncGenerator<Buffer> {
  yield* chunks
}

function cutAt(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const at = [0, ...cuts.map(cut => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]
  return at.slice(1).map((end, index) => bytes.subarray(at[index], end))
}

it('linesOf() gives the same lines, however the stream is cut', async () => {
  const line = fc.string({ unit: 'grapheme', maxLength: 20 }).map(text => text.replaceAll('\n', ' '))
  await fc.assert(
    fc.asyncProperty(fc.array(line), fc.array(fc.nat()), async (lines, cuts) => {
      const bytes = Buffer.from(lines.map(text => `${text}\n`).join(''))
      assert.deepEqual(await linesIn(cutAt(bytes, cuts)), lines)
    }),
    inputs(),
  )
})

it('linesOf() drops what follows the last newline', async () => {
  assert.deepEqual(await linesIn([Buffer.from('whole\nhal')]), ['whole'])
})

it('linesOf() leaves out a line that is too long, and reads on behind it', async () => {
  const chunks = [
    'before\n',
    'longer than',
    ' that',
    '\nafter\n',
    'much longer than that\nlast\n',
    'half',
  ].map(text => Buffer.from(text))
  assert.deepEqual(await linesIn(chunks, 10), ['before', 'after', 'last'])
})
