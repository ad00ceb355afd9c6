import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, it } from 'node:test'
import { LeftBehindError } from '../../../storage/diagnosis.ts'
import { putInParts } from '../../../storage/parts/multipart.ts'
import type { PartPatience } from '../../../storage/parts/part-patience.ts'
import { chunked, Endless, failingAfter } from '../bodies.ts'
import { FakeObject } from '../fake-object.ts'

const PART_BYTES = 1024
const ONCE: PartPatience = { partMs: 0, partPauseMs: 0, completePausesMs: [], isPassing: () => false }
// Large enough for one buffer only: see bufferCount.
const HUGE_PART_BYTES = 97 * 1024 * 1024

const put = (
  object: FakeObject,
  body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  partBytes = PART_BYTES,
) => putInParts(object, body, partBytes, { ...ONCE, completePausesMs: [0, 0] })

describe('putInParts()', () => {
  it('holds three parts in memory, however long the body is', async () => {
    const object = new FakeObject()
    const bytes = randomBytes(500 * PART_BYTES + 1)
    await put(object, chunked(bytes, 700))
    assert.ok(bytes.equals(object.bytes!))
    assert.equal(object.parts.size, 501)
    assert.ok(object.memory.size <= 3, `${object.memory.size} buffers`)
  })

  it('takes no chunk for its own, even one that is a whole part', async () => {
    const object = new FakeObject({
      putPart: async (number, bytes) => {
        await new Promise(setImmediate)
        return object.keep(number, bytes)
      },
    })
    const bytes = randomBytes(4 * PART_BYTES)
    await put(object, chunked(bytes, PART_BYTES))
    assert.ok(bytes.equals(object.bytes!))
  })

  it('sends parts of one size', async () => {
    const object = new FakeObject()
    await put(object, chunked(randomBytes(10 * PART_BYTES + 3), 333))
    assert.deepEqual(
      [...object.parts.values()].map(part => part.length),
      [...Array(10).fill(PART_BYTES), 3],
    )
  })

  it('completes with the parts in order, in whatever order they arrived', async () => {
    const held: (() => void)[] = []
    const object = new FakeObject({
      putPart: async (number, bytes) => {
        const stored = object.keep(number, bytes)
        // Parts wait until three are on their way, and the last to come is the first to go.
        await new Promise<void>(resolve => {
          held.unshift(resolve)
          if (held.length === 3) for (const release of held) release()
        })
        return stored
      },
    })
    const bytes = randomBytes(3 * PART_BYTES)
    await put(object, [bytes])
    assert.ok(bytes.equals(object.bytes!))
  })

  it('asks the body for no more while all buffers are on their way', async () => {
    const flights = Promise.withResolvers<void>()
    const body = new Endless(PART_BYTES)
    const object = new FakeObject({
      putPart: async number => {
        if (number === 3) flights.resolve()
        return Promise.withResolvers<never>().promise
      },
    })
    put(object, body).catch(() => assert.fail('nothing ends this put'))
    await flights.promise
    const asked = body.chunks
    for (let turn = 0; turn < 100; turn++) await new Promise(setImmediate)
    assert.equal(body.chunks, asked)
    assert.ok(asked <= 4)
  })

  it('works with a single buffer when parts are large', async () => {
    const object = new FakeObject()
    const chunk = randomBytes(1024 * 1024)
    await put(object, Array(98).fill(chunk), HUGE_PART_BYTES)
    assert.equal(object.memory.size, 1)
    assert.equal(object.bytes?.length, 98 * chunk.length)
  })

  it('stops the body and aborts when a part fails', async () => {
    const body = new Endless(PART_BYTES)
    const refused = new Error('refused')
    const object = new FakeObject({
      putPart: async (number, bytes) => {
        if (number === 5) throw refused
        return object.keep(number, bytes)
      },
    })
    await assert.rejects(put(object, body), refused)
    assert.ok(body.stopped)
    assert.equal(object.aborts, 1)
  })

  it('stops the body when the upload cannot begin', async () => {
    const body = new Endless(PART_BYTES)
    const object = new FakeObject()
    object.begin = () => Promise.reject(new Error('refused'))
    await assert.rejects(put(object, body), /refused/)
    assert.ok(body.stopped)
    assert.equal(object.aborts, 0)
  })

  it('rejects when a part fails while the body gives nothing', { timeout: 120_000 }, async () => {
    async function* silent() {
      yield randomBytes(2 * PART_BYTES)
      await Promise.withResolvers().promise
    }
    const object = new FakeObject({ putPart: () => Promise.reject(new Error('refused')) })
    await assert.rejects(put(object, silent()), /refused/)
    assert.equal(object.aborts, 1)
  })

  it('ends the parts on their way before it aborts', async () => {
    const events: string[] = []
    const object = new FakeObject({
      putPart: (number, _bytes, signal) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            events.push(`part ${number} ended`)
            reject(signal.reason)
          })
        }),
      abort: async () => void events.push('aborted'),
    })
    await assert.rejects(
      put(object, failingAfter(randomBytes(3 * PART_BYTES), new Error('killed'))),
      /killed/,
    )
    assert.deepEqual(events, ['part 1 ended', 'part 2 ended', 'aborted'])
  })

  it('says what is left behind when the abort fails too', async () => {
    const object = new FakeObject({ abort: () => Promise.reject(new Error('abort refused')) })
    const failing = put(object, failingAfter(randomBytes(3 * PART_BYTES), new Error('killed')))
    await assert.rejects(failing, (error: unknown) => {
      assert.ok(error instanceof LeftBehindError)
      assert.match(error.message, /killed; left behind: abort refused/)
      return true
    })
  })

  it('refuses the 10,001st part, and aborts', async () => {
    const object = new FakeObject({ putPart: async number => ({ number, etag: 'e' }) })
    const body = new Endless(PART_BYTES)
    await assert.rejects(putInParts(object, body, 1, ONCE), /more than 10000 parts of 1 bytes/)
    assert.ok(body.stopped)
    assert.equal(object.aborts, 1)
  })
})

describe('putInParts() whose Complete fails', () => {
  const bytes = randomBytes(2 * PART_BYTES)

  it('is done when the object is there and the upload is gone', async () => {
    const object = new FakeObject({
      complete: async parts => {
        object.assemble(parts)
        throw new Error('the answer was lost')
      },
    })
    await put(object, [bytes])
    assert.ok(bytes.equals(object.bytes!))
    assert.equal(object.completes, 1)
  })

  it('tries again while the upload is open', async () => {
    let failures = 2
    const object = new FakeObject({
      complete: async parts => {
        if (failures-- > 0) throw new Error('500')
        object.assemble(parts)
      },
    })
    await put(object, [bytes])
    assert.ok(bytes.equals(object.bytes!))
    assert.equal(object.aborts, 0)
  })

  it('is done when the upload is gone and we may not look at the object', async () => {
    const object = new FakeObject({
      complete: () => Promise.reject(new Error('lost')),
      storedParts: async () => null,
    })
    object.look = async () => 'hidden'
    await put(object, [bytes])
    assert.equal(object.aborts, 0)
  })

  it('takes no older object of another size for ours', async () => {
    const object = new FakeObject({
      complete: () => Promise.reject(new Error('500')),
      storedParts: async () => null,
    })
    object.look = async () => bytes.length - 1
    await assert.rejects(put(object, [bytes]), /500/)
  })

  it('aborts and rejects with its own failure after the last try', async () => {
    let tries = 0
    const object = new FakeObject({
      complete: () => Promise.reject(new Error(`failure ${++tries}`)),
      storedParts: () => Promise.reject(new Error('the store does not even say')),
    })
    await assert.rejects(put(object, [bytes]), /failure 3/)
    assert.equal(object.aborts, 1)
  })
})
