import assert from 'node:assert/strict'
import { it } from 'node:test'
import { parseOptions } from '../../bench/options.ts'
import { OperatorError } from '../../crash/errors.ts'

it('all parts, five rounds and 1 GiB, if nothing is said', () => {
  assert.deepEqual(parseOptions([]), {
    parts: [
      'held',
      'storm',
      'slow-store',
      'busy',
      'known',
      'scrub',
      'start',
      'memory',
      'terabyte',
      'debug',
      'list',
      'fleet',
      'installer',
    ],
    rounds: 5,
    sizeBytes: 2 ** 30,
    only: [],
    cores: [],
    pipe: false,
    composer: null,
    write: false,
  })
})

it('lists, sizes and flags', () => {
  const argv = [
    '--parts=held',
    '--rounds=7',
    '--size=64Mi',
    '--only=cat, gzip',
    '--cores=heap',
    '--pipe',
    '--composer=/opt/cdc',
    '--write',
  ]
  assert.deepEqual(parseOptions(argv), {
    parts: ['held'],
    rounds: 7,
    sizeBytes: 64 * 2 ** 20,
    only: ['cat', 'gzip'],
    cores: ['heap'],
    pipe: true,
    composer: '/opt/cdc',
    write: true,
  })
})

it('cores are of whole MiB', () => {
  assert.equal(parseOptions(['--size=1000000000'])?.sizeBytes, 953 * 2 ** 20)
})

it('help is asked for', () => {
  assert.equal(parseOptions(['--rounds=2', '--help']), null)
})

for (const wrong of ['--parts=everything', '--rounds=0', '--rounds=many', '--size=1Ki', '--size=large']) {
  it(`${wrong} is refused with a hint`, () => {
    assert.throws(() => parseOptions([wrong]), OperatorError)
  })
}
