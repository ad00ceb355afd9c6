import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { it } from 'node:test'
import { BodyReader } from '../../webhook/body.ts'

const MIB = 1024 * 1024
const OK = { status: 200, body: 'ok' }

it('BodyReader takes 8 MiB of one request, and no more', async () => {
  const bodies = new BodyReader()
  const statusOf = async (bytes: number) => (await bodies.with(body(bytes), async () => OK)).status
  assert.deepEqual(
    [await statusOf(0), await statusOf(8 * MIB), await statusOf(8 * MIB + 1), await statusOf(8 * MIB)],
    [200, 200, 413, 200],
  )
})

it('BodyReader holds 64 MiB of all requests together, says 503 to more, and has room again after them', async () => {
  const bodies = new BodyReader()
  const ending = Promise.withResolvers<typeof OK>()
  const held = Array.from({ length: 8 }, () => {
    const { promise: begun, resolve } = Promise.withResolvers<void>()
    const reply = bodies.with(body(8 * MIB), () => {
      resolve()
      return ending.promise
    })
    return { begun, reply }
  })
  await Promise.all(held.map(({ begun }) => begun))
  assert.equal((await bodies.with(body(1), async () => OK)).status, 503)
  ending.resolve(OK)
  await Promise.all(held.map(({ reply }) => reply))
  assert.equal((await bodies.with(body(1), async () => OK)).status, 200)
})

it('BodyReader forgets a request that broke off or was answered by an error', async () => {
  const bodies = new BodyReader()
  for (let round = 0; round < 9; round += 1) {
    const broken = Readable.from(
      (async function* () {
        yield Buffer.alloc(8 * MIB)
        throw new Error('it broke off')
      })(),
      { objectMode: false },
    )
    await assert.rejects(
      bodies.with(broken, async () => OK),
      /broke off/,
    )
  }
  assert.equal((await bodies.with(body(1), async () => OK)).status, 200)
})

function body(bytes: number): Readable {
  return Readable.from(bytes === 0 ? [] : [Buffer.alloc(bytes)], { objectMode: false })
}
