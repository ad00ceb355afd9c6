import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { coredumpName, parseCoredumpName } from '../../coredump/coredump-name.ts'

describe('name of a coredump', () => {
  it('is its time and its id', () => {
    const crash = { time: new Date('2026-11-21T04:21:17Z'), id: '3f2a9c01d4e5' }
    assert.equal(coredumpName(crash), '20261121t042117z-3f2a9c01d4e5')
    assert.deepEqual(parseCoredumpName('20261121t042117z-3f2a9c01d4e5'), crash)
  })

  it('is nothing else', () => {
    const wrong = [
      '',
      '20261121t042117z',
      '20261121T042117Z-3f2a9c01d4e5',
      '20260231t042117z-3f2a9c01d4e5',
      '20261121t042117z-3f2a9c01d4e5\n',
      '20261121t042117z-3f2a9c01d4e5/../x',
      '20261121t042117z-3F2A9C01D4E5',
    ]
    for (const name of wrong) assert.equal(parseCoredumpName(name), null, name)
  })
})
