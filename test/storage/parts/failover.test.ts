import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, it } from 'node:test'
import type { BegunUpload, Failover, Situation, Spill } from '../../../storage/parts/failover.ts'
import { LostError } from '../../../storage/parts/lost-error.ts'
import { putInParts } from '../../../storage/parts/multipart.ts'
import type { PartPatience } from '../../../storage/parts/part-patience.ts'
import type { PartedUpload } from '../../../storage/parts/parted-object.ts'
import { chunked, Endless, failingAfter } from '../bodies.ts'
import { FakeObject } from '../fake-object.ts'

const PART_BYTES = 1024
const PATIENCE: PartPatience = {
  partMs: 0,
  partPauseMs: 0,
  completePausesMs: [],
  isPassing: () => false,
}

/** Takes over into memory, and remembers what it was told. */
class MemoryFailover implements Failover, Spill {
  readonly patience = new AbortController()
  readonly overdue = this.patience.signal
  readonly uploads: string[] = []
  readonly situations: Situation[] = []
  readonly parts = new Map<number, Buffer>()
  lastPart: number | null = null
  isConfirmed: boolean | null = null

  async begun({ uploadId }: BegunUpload): Promise<void> {
    this.uploads.push(uploadId)
  }

  async takeOver(situation: Situation): Promise<Spill> {
    this.situations.push(situation)
    return this
  }

  async keep(number: number, bytes: Uint8Array): Promise<void> {
    this.parts.set(number, Buffer.from(bytes))
  }

  async end(lastPart: number, isConfirmed: boolean): Promise<void> {
    this.lastPart = lastPart
    this.isConfirmed = isConfirmed
  }

  /** The object, of what the store and we have. */
  assembled(object: FakeObject): Buffer {
    const numbers = Array.from({ length: this.lastPart ?? 0 }, (_, at) => at + 1)
    return Buffer.concat(
      numbers.map(number => this.parts.get(number) ?? object.parts.get(number) ?? Buffer.alloc(0)),
    )
  }
}

function put(
  object: FakeObject,
  bytes: Uint8Array,
  failover: Failover,
  patience: Partial<PartPatience> = {},
) {
  return putInParts(object, chunked(bytes, 700), PART_BYTES, { ...PATIENCE, ...patience }, failover)
}

describe('putInParts() with a failover', () => {
  const bytes = randomBytes(20 * PART_BYTES + 5)

  it('tells it of the upload before the first part, and needs nothing else when all goes well', async () => {
    const failover = new MemoryFailover()
    const known: number[] = []
    const object = new FakeObject({
      putPart: async (number, part) => {
        known.push(failover.uploads.length)
        return object.keep(number, part)
      },
    })
    assert.equal(await put(object, bytes, failover), 'stored')
    assert.deepEqual(failover.uploads, ['upload-1'])
    assert.ok(known.every(count => count === 1))
    assert.deepEqual(failover.situations, [])
    assert.ok(bytes.equals(object.bytes!))
  })

  it('hands over what the store refuses, from any part on, and reads the body to its end', async () => {
    for (const refusedFrom of [1, 2, 3, 10, 20, 21]) {
      const failover = new MemoryFailover()
      const object = new FakeObject({
        putPart: async (number, part) => {
          if (number >= refusedFrom) throw new Error('refused')
          return object.keep(number, part)
        },
      })
      assert.equal(await put(object, bytes, failover), 'failed over')
      const [situation] = failover.situations
      assert.equal(failover.situations.length, 1)
      assert.equal(situation?.uploadId, 'upload-1')
      assert.equal(situation?.partBytes, PART_BYTES)
      assert.match(String(situation?.cause), /refused/)
      assert.equal(object.completes, 0)
      assert.equal(object.aborts, 0)
      assert.ok(failover.assembled(object).equals(bytes), `from part ${refusedFrom} on`)
    }
  })

  it('hands over all of it when no upload could be begun', async () => {
    const failover = new MemoryFailover()
    const object = new FakeObject()
    object.begin = () => Promise.reject(new Error('refused'))
    assert.equal(await put(object, bytes, failover), 'failed over')
    assert.equal(failover.situations[0]?.uploadId, null)
    assert.ok(failover.assembled(object).equals(bytes))
  })

  it('hands over an object of one part', async () => {
    const failover = new MemoryFailover()
    const object = new FakeObject()
    object.putWhole = () => Promise.reject(new Error('refused'))
    const small = bytes.subarray(0, 10)
    assert.equal(await put(object, small, failover), 'failed over')
    assert.equal(failover.situations[0]?.uploadId, null)
    assert.ok(failover.assembled(object).equals(small))
  })

  it('hands over an upload that could not be completed', async () => {
    const failover = new MemoryFailover()
    const object = new FakeObject({ complete: () => Promise.reject(new Error('refused')) })
    assert.equal(await put(object, bytes, failover), 'failed over')
    assert.equal(failover.situations[0]?.stored.length, 21)
    assert.equal(failover.lastPart, 21)
    assert.equal(failover.parts.size, 0)
    assert.equal(object.aborts, 0)
  })

  it('fails as without one when nobody takes over', async () => {
    const body = new Endless(PART_BYTES)
    const object = new FakeObject({ putPart: () => Promise.reject(new Error('refused')) })
    const failover = new MemoryFailover()
    failover.takeOver = ({ cause }) => Promise.reject(cause)
    await assert.rejects(putInParts(object, body, PART_BYTES, PATIENCE, failover), /refused/)
    assert.ok(body.stopped)
    assert.equal(object.aborts, 1)
  })

  it('fails when what took over fails', async () => {
    const body = new Endless(PART_BYTES)
    const object = new FakeObject({ putPart: () => Promise.reject(new Error('refused')) })
    const failover = new MemoryFailover()
    failover.keep = () => Promise.reject(new Error('no space left'))
    await assert.rejects(putInParts(object, body, PART_BYTES, PATIENCE, failover), /no space left/)
    assert.ok(body.stopped)
  })

  it('does not hand over what goes better the next time', async () => {
    const failover = new MemoryFailover()
    let refusals = 0
    const object = new FakeObject({
      putPart: async (number, part) => {
        if (number === 4 && refusals++ < 5) throw new Error('busy')
        return object.keep(number, part)
      },
    })
    const patience = { partMs: 60_000, isPassing: () => true }
    assert.equal(await put(object, bytes, failover, patience), 'stored')
    assert.equal(refusals, 6)
    assert.ok(bytes.equals(object.bytes!))
  })

  it('is not patient with what will not go better', async () => {
    const failover = new MemoryFailover()
    let refusals = 0
    const object = new FakeObject({
      putPart: async () => {
        refusals++
        throw new Error('forbidden')
      },
    })
    assert.equal(
      await put(object, bytes, failover, { partMs: 60_000, isPassing: () => false }),
      'failed over',
    )
    assert.ok(refusals <= 3, `${refusals} requests`)
  })
})

describe('putInParts() with a failover, of a store that confirmed an object', () => {
  const bytes = randomBytes(20 * PART_BYTES + 5)
  /** One whose last three parts lie in the three buffers when all are sent. */
  function objectOf(parts: number, upload: Partial<PartedUpload> = {}): FakeObject {
    const last = Promise.withResolvers<void>()
    const object: FakeObject = new FakeObject({
      putPart: async (number, part) => {
        if (number === parts) last.resolve()
        if (number > parts - 3) await last.promise
        return object.keep(number, part)
      },
      ...upload,
    })
    return object
  }

  // As the kernel says it: it passes.
  const noAnswer = Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' })

  it('and does not answer when it is looked at, keeps what is at hand, and says so', async () => {
    const failover = new MemoryFailover()
    const object = objectOf(21)
    object.look = () => Promise.reject(noAnswer)
    assert.equal(await put(object, bytes, failover), 'failed over')
    assert.deepEqual([...failover.parts.keys()], [19, 20, 21])
    assert.deepEqual([failover.lastPart, failover.isConfirmed], [21, true])
    assert.ok(failover.assembled(object).equals(bytes))
  })

  it('and does not answer, keeps all of what fits one part', async () => {
    const failover = new MemoryFailover()
    const object = new FakeObject()
    object.look = () => Promise.reject(noAnswer)
    assert.equal(await put(object, bytes.subarray(0, 10), failover), 'failed over')
    assert.deepEqual([...failover.parts.keys()], [1])
    assert.deepEqual([failover.lastPart, failover.isConfirmed], [1, true])
  })

  it('is believed where it does not answer and nothing can take over', async () => {
    for (const failover of [null, new MemoryFailover()]) {
      if (failover !== null) failover.takeOver = ({ cause }) => Promise.reject(cause)
      const object = new FakeObject()
      object.look = () => Promise.reject(noAnswer)
      assert.equal(await putInParts(object, [bytes], PART_BYTES, PATIENCE, failover), 'unanswered')
      assert.equal(object.aborts, 0)
    }
  })

  for (const { lost, parts, kept, from, isConfirmed } of [
    { lost: LostError.ofParts([20, 21]), parts: 21, kept: [20, 21], from: undefined, isConfirmed: false },
    { lost: LostError.ofParts([20, 2]), parts: 21, kept: [], from: 2, isConfirmed: false },
    { lost: LostError.ofParts([18, 19]), parts: 21, kept: [], from: 18, isConfirmed: false },
    { lost: LostError.ofObject('all'), parts: 21, kept: [], from: 1, isConfirmed: true },
    { lost: LostError.ofObject('all'), parts: 3, kept: [1, 2, 3], from: undefined, isConfirmed: true },
  ]) {
    it(`and lost ${lost.parts} of ${parts} parts, keeps ${kept.join(', ') || 'nothing'}`, async () => {
      const failover = new MemoryFailover()
      const object = objectOf(parts, { complete: () => Promise.reject(lost) })
      assert.equal(await put(object, bytes.subarray(0, parts * PART_BYTES), failover), 'failed over')
      assert.deepEqual([...failover.parts.keys()], kept)
      const [situation] = failover.situations
      assert.deepEqual(situation?.lost, from && { number: from, reason: lost.message })
      assert.deepEqual([failover.lastPart, failover.isConfirmed], [parts, isConfirmed])
    })
  }
})

describe('putInParts() with a failover, of a store that takes too long', () => {
  const bytes = randomBytes(20 * PART_BYTES + 5)

  it('to begin, hands over all of it, and aborts what begins later', async () => {
    const failover = new MemoryFailover()
    const object = new FakeObject()
    const beginning = Promise.withResolvers<Awaited<ReturnType<FakeObject['begin']>>>()
    object.begin = () => {
      setImmediate(() => failover.patience.abort())
      return beginning.promise
    }
    assert.equal(await put(object, bytes, failover), 'failed over')
    assert.equal(failover.situations[0]?.uploadId, null)
    assert.ok(failover.assembled(object).equals(bytes))
    const aborted = Promise.withResolvers<void>()
    const upload = await new FakeObject({ abort: async () => aborted.resolve() }).begin()
    beginning.resolve(upload)
    await aborted.promise
  })

  it('is not taken over once it has all of it', async () => {
    for (const sizeBytes of [10, bytes.length]) {
      const failover = new MemoryFailover()
      assert.equal(await put(new FakeObject(), bytes.subarray(0, sizeBytes), failover), 'stored')
      failover.patience.abort()
      assert.deepEqual(failover.situations, [])
    }
  })

  it('is not taken over once the body has broken off', async () => {
    const failover = new MemoryFailover()
    const object = new FakeObject()
    const body = failingAfter(bytes, new Error('killed'))
    await assert.rejects(putInParts(object, body, PART_BYTES, PATIENCE, failover), /killed/)
    failover.patience.abort()
    assert.deepEqual([object.aborts, failover.situations], [1, []])
  })

  it('is not taken over by parts that are stopped because the body has broken off', async () => {
    const failover = new MemoryFailover()
    const object = new FakeObject({
      putPart: (_number, _part, signal) =>
        new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    })
    const body = failingAfter(bytes.subarray(0, 3 * PART_BYTES), new Error('killed'))
    await assert.rejects(putInParts(object, body, PART_BYTES, PATIENCE, failover), /killed/)
    assert.deepEqual([object.aborts, failover.situations], [1, []])
  })

  it('before anything was sent, is asked for nothing', async () => {
    const failover = new MemoryFailover()
    failover.patience.abort()
    const object = new FakeObject()
    object.begin = () => assert.fail('it was asked')
    assert.equal(await put(object, bytes, failover), 'failed over')
    assert.ok(failover.assembled(object).equals(bytes))
  })

  for (const [moment, after] of [
    ['in the middle of a part', 'putPart'],
    ['while the upload is noted', 'begun'],
  ] as const) {
    it(`${moment}, hands over the rest`, async () => {
      const failover = new MemoryFailover()
      const object = new FakeObject({
        putPart: (number, part, signal) => {
          if (number === 5) failover.patience.abort()
          if (!signal.aborted) return Promise.resolve(object.keep(number, part))
          return Promise.reject(signal.reason)
        },
      })
      failover.begun = async () => {
        if (after === 'begun') failover.patience.abort()
      }
      assert.equal(await put(object, bytes, failover), 'failed over')
      assert.equal(failover.situations.length, 1)
      assert.equal(failover.situations[0]?.uploadId, 'upload-1')
      assert.match(String(failover.situations[0]?.cause), /the store takes too long/)
      assert.equal(object.parts.size, after === 'begun' ? 0 : 4)
      assert.ok(failover.assembled(object).equals(bytes))
      assert.equal(object.aborts, 0)
    })
  }
})
