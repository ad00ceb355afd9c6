import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, it } from 'node:test'
import type { BegunUpload, Failover, Situation, Spill } from '../../../storage/parts/failover.ts'
import { putInParts } from '../../../storage/parts/multipart.ts'
import type { PartPatience } from '../../../storage/parts/part-patience.ts'
import { chunked, Endless } from '../bodies.ts'
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
  readonly overdue: AbortSignal = new AbortController().signal
  readonly uploads: string[] = []
  readonly situations: Situation[] = []
  readonly parts = new Map<number, Buffer>()
  lastPart: number | null = null

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

  async end(lastPart: number): Promise<void> {
    this.lastPart = lastPart
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
