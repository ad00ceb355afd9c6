import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import type { CoreRange } from '../../../crash/core-range.ts'
import { BLOCK_BYTES, zeroBlock } from '../../../handler/core/block.ts'
import { Scrub } from '../../../handler/core/scrub.ts'
import { BytePatterns } from '../../../untrusted/byte-patterns.ts'
import { inputs } from '../../inputs.ts'

const ALL: readonly CoreRange[] = [{ offset: 0, lengthBytes: Number.POSITIVE_INFINITY }]

function scrubOf(secrets: readonly (string | Buffer)[], ranges = ALL): Scrub {
  return new Scrub(new BytePatterns(secrets.map(secret => Buffer.from(secret as string))), ranges)
}

/** What comes out of `scrub` when `core` goes in, in blocks of that size. */
function scrubbed(core: Buffer, blockBytes: number, scrub: Scrub): Buffer {
  const given: Buffer[] = []
  for (let at = 0; at < core.length; at += blockBytes)
    given.push(...scrub.take(Buffer.from(core.subarray(at, at + blockBytes))))
  given.push(...scrub.end())
  assert.equal(scrub.held, null)
  return Buffer.concat(given)
}

/** The same, by looking at each byte on its own. */
function expected(core: Buffer, secrets: readonly Buffer[], ranges: readonly CoreRange[]): Buffer {
  const blanked = Buffer.from(core)
  for (const secret of secrets)
    for (let at = core.indexOf(secret); at !== -1; at = core.indexOf(secret, at + 1))
      if (ranges.some(({ offset, lengthBytes }) => offset <= at && at < offset + lengthBytes))
        blanked.fill('*', at, at + secret.length)
  return blanked
}

const letters = (minLength: number, maxLength: number) =>
  fc.uint8Array({ min: 97, max: 98, minLength, maxLength }).map(bytes => Buffer.from(bytes))
const apart = fc
  .array(fc.record({ offset: fc.integer({ min: 1, max: 40 }), lengthBytes: fc.integer({ min: 1, max: 60 }) }))
  .map(gaps => {
    let at = 0
    return gaps.map(({ offset, lengthBytes }) => {
      const range = { offset: at + offset, lengthBytes }
      at += offset + lengthBytes
      return range
    })
  })

it('Scrub blanks all of what is found in what is looked through, wherever the core is cut into blocks', () => {
  const parts = { core: letters(0, 400), secrets: fc.array(letters(8, 13), { minLength: 1 }) }
  const how = { blockBytes: fc.integer({ min: 13, max: 60 }), ranges: fc.oneof(fc.constant(ALL), apart) }
  fc.assert(
    fc.property(fc.record({ ...parts, ...how }), ({ core, secrets, blockBytes, ranges }) => {
      const found = scrubbed(core, blockBytes, scrubOf(secrets, ranges))
      assert.equal(String(found), String(expected(core, secrets, ranges)))
    }),
    inputs(3000),
  )
})

it('Scrub counts places, and values that touch once, also across blocks', () => {
  const scrub = scrubOf(['hunter2hunter2', 'open-sesame'])
  const core = Buffer.from('hunter2hunter2open-sesame.open-sesame.hunter2hunter2.'.padEnd(80, '.'))
  assert.equal(
    String(scrubbed(core, 20, scrub)),
    `${'*'.repeat(25)}.${'*'.repeat(11)}.${'*'.repeat(14)}${'.'.repeat(28)}`,
  )
  assert.equal(scrub.places, 3)
})

it('Scrub holds a block back only where something that is looked for may go on in the next', () => {
  const scrub = scrubOf(
    ['hunter2hunter2'],
    [
      { offset: 0, lengthBytes: 10 },
      { offset: 70, lengthBytes: 20 },
    ],
  )
  const blocks = Array.from({ length: 3 }, () => Buffer.alloc(40, 'x'))
  const given = blocks.map(block => [...scrub.take(block)].length)
  assert.deepEqual(given, [1, 0, 2])
})

it('Scrub writes nothing into the one block that stands for all zeros', () => {
  const scrub = scrubOf([Buffer.from('hunter2hunter2\0\0')])
  const block = Buffer.alloc(BLOCK_BYTES)
  block.write('hunter2hunter2', BLOCK_BYTES - 14)
  const given = [...scrub.take(block), ...scrub.take(zeroBlock()), ...scrub.end()]
  assert.equal(given[0]?.toString('latin1', BLOCK_BYTES - 14), '*'.repeat(14))
  assert.equal(given[1], zeroBlock())
  assert.ok(zeroBlock().equals(Buffer.alloc(BLOCK_BYTES)))
})
