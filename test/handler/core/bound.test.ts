import assert from 'node:assert/strict'
import { it } from 'node:test'
import { storedBoundBytes } from '../../../handler/core/bound.ts'

const GiB = 2 ** 30

const cases = [
  { name: 'a usual core is what it announces', size: { endBytes: 3 * GiB, limitBytes: 0 }, bound: 3 * GiB },
  { name: 'a limit is the most', size: { endBytes: 3 * GiB, limitBytes: GiB }, bound: GiB },
  { name: 'what has no head gets plenty', size: { limitBytes: 0 }, bound: 64 * GiB },
  {
    name: 'a sparse terabyte is bounded by what is resident',
    size: { endBytes: 1024 * GiB, residentBytes: GiB, limitBytes: 0 },
    bound: 64 * GiB,
  },
  {
    name: 'a full terabyte is a terabyte',
    size: { endBytes: 1024 * GiB, residentBytes: 1024 * GiB, limitBytes: 0 },
    bound: 1024 * GiB,
  },
  {
    name: 'a terabyte of which nothing is known is a terabyte',
    size: { endBytes: 1024 * GiB, limitBytes: 0 },
    bound: 1024 * GiB,
  },
]
for (const { name, size, bound } of cases) {
  it(`storedBoundBytes(): ${name}`, () => {
    assert.equal(storedBoundBytes(size, 'gzip'), bound)
  })
}

it('storedBoundBytes() counts every byte that is not compressed', () => {
  assert.equal(
    storedBoundBytes({ endBytes: 1024 * GiB, residentBytes: GiB, limitBytes: 0 }, 'none'),
    1024 * GiB,
  )
})
