import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { encodedForms } from '../../untrusted/encoded-forms.ts'
import { secretBytes } from '../../untrusted/secret-bytes.ts'
import { inputs } from '../inputs.ts'

function textsOf(values: readonly (string | Buffer)[], names: readonly string[] = []): readonly string[] {
  const { patterns } = secretBytes(
    values.map(value => Buffer.from(value as string)),
    names,
  )
  return patterns.map(pattern => pattern.toString('latin1'))
}

const wide = (text: string) => Buffer.from(text, 'utf16le').toString('latin1').slice(0, -1)

it('secretBytes() are values without what stands around them, and the same in UTF-16LE and encoded', () => {
  assert.deepEqual(textsOf([' hunter2hunter2\n\0', 'hunter2hunter2']), [
    'hunter2hunter2',
    wide('hunter2hunter2'),
    ...encodedForms(Buffer.from('hunter2hunter2')),
  ])
})

it('secretBytes() are bytes that are no text as they are', () => {
  const value = Buffer.from('ff00c328fffe0102', 'hex')
  assert.deepEqual(textsOf([value]), ['\xff\0\xc3(\xff\xfe\x01\x02', ...encodedForms(value)])
})

it('secretBytes() are no short ones, and none that memory is full of', () => {
  assert.deepEqual(
    textsOf(['1234567', '', '\0'.repeat(64), '-'.repeat(64), `    \n\t${' '.repeat(5000)}`]),
    [],
  )
})

it('secretBytes() are none that the names of files have, which a debugger looks for', () => {
  const [ofValue = '', ...others] = encodedForms(Buffer.from('postgres-1'))
  const names = ['/usr/lib/postgresql/15/bin/postgres', '/lib/libc.so.6', `/cache/${ofValue}`]
  const found = textsOf(['postgres', 'postgres-1'], names)
  assert.deepEqual(found, ['postgres-1', wide('postgres-1'), ...others])
})

it('secretBytes() are lines of a key as well, and of a long value pieces, none of them short', () => {
  const key = `-----BEGIN-----\n${'a1b2'.repeat(16)}\r\n${'c3d4'.repeat(16)}\nshort\n`
  const [whole, first, second] = textsOf([key])
  assert.deepEqual([whole, first, second], [key.trim(), 'a1b2'.repeat(16), 'c3d4'.repeat(16)])
  const long = Buffer.alloc(2 * 4096 + 3, 'abcdefghijk')
  const { patterns } = secretBytes([long], [])
  assert.deepEqual(
    patterns.slice(0, 3).map(({ length }) => length),
    [4096, 4096, 8],
  )
  assert.ok(patterns[2]?.equals(long.subarray(-8)))
})

it('secretBytes() say where there were too many, and take no more than are looked for', () => {
  const many = Array.from({ length: 600 }, (_, index) => Buffer.from(`secret number ${index}`))
  assert.equal(secretBytes(many, []).isCut, true)
  assert.equal(secretBytes(many.slice(0, 512), []).isCut, false)
  const large = Array.from({ length: 100 }, (_, index) => Buffer.alloc(65536, `large secret ${index}`))
  const { patterns, isCut } = secretBytes(large, [])
  assert.equal(isCut, true)
  assert.ok(patterns.reduce((sum, { length }) => sum + length, 0) <= 2 << 20)
})

it('secretBytes() keep what they promise to who searches, of any bytes', () => {
  const values = fc.array(fc.uint8Array({ maxLength: 9000, max: 3 }).map(bytes => Buffer.from(bytes)))
  fc.assert(
    fc.property(values, given => {
      for (const pattern of secretBytes(given, []).patterns) {
        assert.ok(pattern.length >= 8 && pattern.length <= 4096)
        assert.ok(pattern.some(byte => byte !== pattern[0]))
      }
    }),
    inputs(500),
  )
})
