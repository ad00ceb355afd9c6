import assert from 'node:assert/strict'
import { it } from 'node:test'
import { linkEnd } from '../../../api/streams/link-end.ts'

it('linkEnd() has the end that a presigned link says itself', () => {
  const link = 'https://store.example/k?X-Amz-Date=20261128T235900Z&X-Amz-Expires=120'
  assert.equal(linkEnd(link), '2026-11-29T00:01:00Z')
  for (const other of ['', 'https://store.example/k', `${link}x`, link.replace('2359', '9959')])
    assert.equal(linkEnd(other), null)
})
