import assert from 'node:assert/strict'
import { it } from 'node:test'
import { Cursor } from '../../../crash/unwind/cursor.ts'

it('a Cursor reads LEB128 of both kinds, padded ones, and none beyond 64 bits', () => {
  const read = (hex: string) => {
    const bytes = Buffer.from(hex, 'hex')
    return [new Cursor(bytes).uleb(), new Cursor(bytes).sleb()]
  }
  assert.deepEqual(read('02'), [2n, 2n])
  assert.deepEqual(read('7f'), [127n, -1n])
  assert.deepEqual(read('e58e26'), [624485n, 624485n])
  assert.deepEqual(read('80808000'), [0n, 0n])
  assert.deepEqual(read('ffffffffffffffffff01'), [(1n << 64n) - 1n, -1n])
  assert.deepEqual(read('80808080808080808080808001'), [0n, 0n])
})

it('a Cursor that comes to the end says so, and has only 0 from then on', () => {
  const cursor = new Cursor(Buffer.from('0102ff', 'hex'), 0x1000n)
  assert.deepEqual([cursor.unsigned(2), cursor.address, cursor.isCut], [0x0201, 0x1002n, false])
  assert.deepEqual([cursor.long(), cursor.isCut, cursor.unsigned(1), cursor.isAtEnd], [0n, true, 0, true])
  assert.deepEqual(new Cursor(Buffer.from('ff', 'hex')).uleb(), 127n)
})

it('a Cursor goes back, but not before its beginning, nor to where no number leads', () => {
  const cursor = new Cursor(Buffer.from('010203', 'hex'))
  cursor.skip(2)
  cursor.skip(-2)
  assert.deepEqual([cursor.unsigned(1), cursor.isCut], [1, false])
  cursor.skip(-2)
  assert.equal(cursor.isCut, true)
  const wild = new Cursor(Buffer.alloc(4))
  assert.deepEqual([wild.take(Number.MAX_VALUE).length, wild.isCut], [0, true])
})

it('a Cursor reads text up to a NUL, or to the end', () => {
  const cursor = new Cursor(Buffer.from('zRS\0eh'))
  assert.deepEqual([cursor.text(), cursor.text(), cursor.isCut], ['zRS', 'eh', true])
})
