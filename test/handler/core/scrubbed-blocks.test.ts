import assert from 'node:assert/strict'
import { it } from 'node:test'
import { Scrub } from '../../../handler/core/scrub.ts'
import { ScrubbedBlocks } from '../../../handler/core/scrubbed-blocks.ts'
import { BytePatterns } from '../../../untrusted/byte-patterns.ts'

const ALL = [{ offset: 0, lengthBytes: Number.POSITIVE_INFINITY }]
const SECRET = 'hunter2hunter2'

function scrub(): Scrub {
  return new Scrub(new BytePatterns([Buffer.from(SECRET)]), ALL)
}

async function* blocksOf(...texts: readonly string[]): AsyncGenerator<Buffer> {
  for (const text of texts) yield Buffer.from(text)
}

async function textOf(blocks: ScrubbedBlocks, ...texts: readonly string[]): Promise<string> {
  const given: Buffer[] = []
  for await (const block of blocks.of(blocksOf(...texts), () => assert.fail('it was read'))) given.push(block)
  return String(Buffer.concat(given))
}

it('ScrubbedBlocks says how much was blanked, and what was not looked for', async () => {
  const blocks = new ScrubbedBlocks(Promise.resolve({ scrub: scrub(), doubt: 'the half is unknown' }))
  assert.equal(
    await textOf(blocks, `by ${SECRET} and hun`, 'ter2hunter2, in the next'),
    `by ${'*'.repeat(14)} and ${'*'.repeat(14)}, in the next`,
  )
  assert.deepEqual(blocks.result, { scrubbed: 2, unscrubbed: 'the half is unknown' })
})

it('ScrubbedBlocks says nothing where nobody wants it, and that there was nothing where nothing is known', async () => {
  const [unwanted, unknown] = [null, Promise.resolve({ scrub: null, doubt: null })].map(
    opening => new ScrubbedBlocks(opening),
  )
  assert.ok(unwanted !== undefined && unknown !== undefined)
  assert.deepEqual([await textOf(unwanted, SECRET), unwanted.result], [SECRET, {}])
  assert.deepEqual([await textOf(unknown, SECRET), unknown.result], [SECRET, { scrubbed: 0 }])
})

it('ScrubbedBlocks says where it gave up', async () => {
  const finder = { longestBytes: 8, isExhausted: true, find: () => undefined }
  const blocks = new ScrubbedBlocks(Promise.resolve({ scrub: new Scrub(finder, ALL), doubt: null }))
  assert.equal(await textOf(blocks, SECRET), SECRET)
  assert.match(blocks.result.unscrubbed ?? '', /too long/)
})

it('ScrubbedBlocks gives back what its reader did not get', async () => {
  const given: string[] = []
  const blocks = new ScrubbedBlocks(Promise.resolve({ scrub: scrub(), doubt: null }))
  const source = blocksOf('the first block', 'the second block', 'the third block')
  for await (const block of blocks.of(source, back => given.push(String(back)))) {
    assert.equal(String(block), 'the first block')
    break
  }
  assert.deepEqual(given, ['the second block'])
})
