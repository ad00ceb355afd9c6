import assert from 'node:assert/strict'
import { it } from 'node:test'
import { DiscardingObject } from '../../bench/discarding-object.ts'
import { EndlessPipe } from '../../bench/endless-pipe.ts'
import { BLOCK_BYTES } from '../../handler/core/block.ts'
import { CoreStream } from '../../handler/core/core-stream.ts'
import { putInParts } from '../../storage/parts/multipart.ts'

const MIB = 2 ** 20
const PATIENCE = { partMs: 0, partPauseMs: 0, completePausesMs: [], isPassing: () => false }

it('an upload is known by its parts, although nothing is kept of them', async () => {
  const pipe = new EndlessPipe(10 * BLOCK_BYTES, 'random')
  const object = new DiscardingObject({ stamped: true })
  const blocks = (await CoreStream.begin(pipe)).blocks()
  await putInParts(object, blocks, 5 * MIB, PATIENCE)
  const found = { parts: 9, partBytes: 5 * MIB, sizeBytes: pipe.endBytes, isComplete: true }
  assert.deepEqual(object.discarded, found)
})

it('a block in the place of another one is found', async () => {
  const object = new DiscardingObject({ stamped: true })
  const swapped = async function* () {
    const pipe = new EndlessPipe(10 * BLOCK_BYTES, 'random')
    const kept: Buffer[] = []
    for await (const block of (await CoreStream.begin(pipe)).blocks()) kept.push(Buffer.from(block))
    yield* [...kept.slice(0, 3), ...kept.slice(3, 5).reverse(), ...kept.slice(5)]
  }
  await assert.rejects(putInParts(object, swapped(), 5 * MIB, PATIENCE), /bytes of block 4 at/)
})

const refused = [
  { name: 'of several sizes', sizes: [3, 2, 3], parts: [1, 2, 3] },
  { name: 'of which the last is larger', sizes: [3, 4], parts: [1, 2] },
  { name: 'in no order', sizes: [3, 3], parts: [2, 1] },
  { name: 'of which one is left out', sizes: [3, 3], parts: [1] },
]
for (const { name, sizes, parts } of refused) {
  it(`parts ${name} are refused`, async () => {
    const object = new DiscardingObject({ stamped: false })
    const upload = await object.begin()
    const { signal } = new AbortController()
    for (const [at, size] of sizes.entries()) await upload.putPart(at + 1, Buffer.alloc(size), signal)
    const named = parts.map(number => ({ number, etag: '' }))
    await assert.rejects(upload.complete(named), /Cannot complete/)
  })
}

for (const { parts, taken } of [
  { parts: 10_000, taken: true },
  { parts: 10_001, taken: false },
]) {
  it(`${parts} parts are ${taken ? 'taken' : 'refused'}`, async () => {
    const object = new DiscardingObject({ stamped: false })
    const upload = await object.begin()
    const numbers = Array.from({ length: parts }, (_, at) => at + 1)
    const { signal } = new AbortController()
    await Promise.all(numbers.map(number => upload.putPart(number, Buffer.alloc(1), signal)))
    const completing = upload.complete(numbers.map(number => ({ number, etag: '' })))
    if (taken) await completing
    else await assert.rejects(completing, /Cannot complete 10001 parts/)
    assert.equal(object.discarded.isComplete, taken)
  })
}
