import assert from 'node:assert/strict'
import { it } from 'node:test'
import { ageInWords, bytesInWords } from '../../../cli/terminal/units.ts'

it('bytesInWords() is short, and never "1024KiB"', () => {
  const words = [0, 512, 1023, 1024, 1536, 10 * 1024, 1024 ** 2 - 1, 1.2 * 1024 ** 3, 2 ** 52].map(
    bytesInWords,
  )
  assert.deepEqual(words, ['0B', '512B', '1023B', '1.0KiB', '1.5KiB', '10KiB', '1.0MiB', '1.2GiB', '4.0PiB'])
})

it('ageInWords() is as kubectl says it', () => {
  const now = new Date('2026-11-21T00:00:00Z')
  const ago = (seconds: number) => ageInWords(new Date(now.getTime() - seconds * 1000), now)
  assert.deepEqual([0, 119, 120, 7199, 7200, 172_799, 172_800].map(ago), [
    '0s',
    '119s',
    '2m',
    '119m',
    '2h',
    '47h',
    '2d',
  ])
  assert.equal(ago(-5), '0s')
  assert.equal(ageInWords(new Date('x'), now), '<unknown>')
})
