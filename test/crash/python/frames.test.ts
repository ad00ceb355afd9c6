import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import type { Memory } from '../../../crash/image/memory.ts'
import { pythonFrames } from '../../../crash/python/frames.ts'
import type { Python } from '../../../crash/python/interpreter.ts'
import { layoutOf, RUNTIME_BYTES } from '../../../crash/python/releases.ts'
import { threadStatesOf } from '../../../crash/python/thread-state.ts'
import { inputs } from '../../inputs.ts'
import { memoryOf } from '../why/pieces-of-memory.ts'
import { type RecordedInterpreter, recordedInterpreters } from './recorded.ts'

const RECORDED = recordedInterpreters()

for (const recorded of RECORDED) {
  const { python: release, memory, frames, self, tid } = recorded

  it(`pythonFrames() are what CPython ${release} says itself`, async () => {
    const known = memoryOf(memory)
    const [innermost, ...others] = pythonFrames(known, await pythonOf(recorded, known, { self }))
    assert.equal(innermost?.function, 'wait')
    assert.deepEqual(others, frames)
  })

  it(`threadStatesOf() tells a thread of CPython ${release} by its number, too`, async () => {
    const known = memoryOf(memory)
    const bySelf = await pythonOf(recorded, known, { self })
    assert.equal(bySelf.threads.length, 1)
    assert.deepEqual((await pythonOf(recorded, known, { tid })).threads, bySelf.threads)
    assert.deepEqual((await pythonOf(recorded, known, { self: self + 8n, tid })).threads, [])
  })

  it(`pythonFrames() of damaged memory of CPython ${release} are bounded, and text`, async () => {
    const known = memoryOf(memory)
    const python = await pythonOf(recorded, known, { self })
    fc.assert(
      fc.property(fc.infiniteStream(fc.nat(1000)), fc.infiniteStream(fc.nat(255)), (places, values) => {
        for (const { function: name = '', file = '' } of pythonFrames(
          damaged(known, places, values),
          python,
        )) {
          assert.ok(name.length <= 4096 && file.length <= 4096)
          assert.doesNotMatch(name + file, /\p{Cc}/u)
        }
      }),
      inputs(60),
    )
  })
}

const SELF = 0xaaaan

it('threadStatesOf() asks for 256 threads of all interpreters together, and tells none that are not certain', async () => {
  const layout = layoutOf(0x030c_00f0n, Buffer.alloc(0))
  assert.ok(layout !== null)
  for (const [before, found] of [
    [127, 2],
    [128, 0],
    [10_000, 0],
  ] as const) {
    let asked = 0
    const read = async (at: bigint, lengthBytes: number) => {
      asked += 1
      return interpretersWith(before, at, lengthBytes)
    }
    assert.equal((await threadStatesOf({ self: SELF }, 0n, layout, read)).length, found, `${before}`)
    assert.ok(asked <= 256 + 6, `${asked}`)
  }
})

/** Memory of CPython 3.12: two interpreters, at 2^32 and 2^33, have so many threads before that of {@link SELF}. */
function interpretersWith(before: number, at: bigint, lengthBytes: number): Buffer {
  const bytes = Buffer.alloc(lengthBytes)
  const [first, second] = [2n ** 32n, 2n ** 33n]
  const base = at < second ? first : second
  if (at === 40n) bytes.writeBigUInt64LE(first)
  else if (at === base) bytes.writeBigUInt64LE(base === first ? second : 0n)
  else if (at === base + 72n) bytes.writeBigUInt64LE(base + 0x1000n)
  else {
    const index = Number((at - base) / 0x1000n) - 1
    bytes.writeBigUInt64LE(index === before ? 0n : at + 0x1000n, 8)
    bytes.writeBigUInt64LE(index === before ? SELF : 1n, 136)
  }
  return bytes
}

it('pythonFrames() ends in a circle', async () => {
  for (const recorded of RECORDED) {
    const known = memoryOf(recorded.memory)
    const python = await pythonOf(recorded, known, { self: recorded.self })
    const first = innermostOf(known, python)
    const { previousAt } = python.layout.frame
    const circle: Memory = {
      read(address, lengthBytes) {
        const bytes = known.read(address, lengthBytes)
        const isFrame = address === first && bytes !== null && lengthBytes > previousAt + 8
        if (!isFrame) return bytes
        const changed = Buffer.from(bytes)
        changed.writeBigUInt64LE(first, previousAt)
        return changed
      },
    }
    assert.deepEqual(
      pythonFrames(circle, python).map(({ function: name }) => name),
      ['wait'],
    )
  }
})

it('pythonFrames() are none where two interpreters were running something', async () => {
  const [recorded] = RECORDED
  const known = memoryOf(recorded!.memory)
  const python = await pythonOf(recorded!, known, { self: recorded!.self })
  assert.deepEqual(pythonFrames(known, { ...python, threads: [...python.threads, ...python.threads] }), [])
})

it('layoutOf() is none of a release that is not known, and of tables that are none', () => {
  const recorded = RECORDED.find(({ python }) => python.startsWith('3.13'))!
  const runtime = memoryOf(recorded.memory).read(recorded.runtime, RUNTIME_BYTES)!
  const changed = (at: number, value: bigint) => {
    const bytes = Buffer.from(runtime)
    bytes.writeBigUInt64LE(value, at)
    return bytes
  }
  assert.notEqual(layoutOf(recorded.version, runtime), null)
  for (const version of [0x30a00f0n, 0x36300f0n, 0x20700f0n, 1n << 60n])
    assert.equal(layoutOf(version, runtime), null)
  // No cookie; another version; without a global lock; an offset without sense; a thread of many pages.
  for (const bytes of [
    changed(0, 0n),
    changed(8, 1n),
    changed(16, 1n),
    changed(64, 1n << 40n),
    changed(192, 8192n),
    Buffer.alloc(9),
  ])
    assert.equal(layoutOf(recorded.version, bytes), null)
})

it('pythonFrames() are read by the table of CPython 3.14, and its references', async () => {
  const recorded = RECORDED.find(({ python }) => python.startsWith('3.13'))!
  const version = 0x30e00f0n
  const known = memoryOf(recorded.memory)
  const as13 = await pythonOf(recorded, known, { self: recorded.self })
  const runtime = asOf3_14(known.read(recorded.runtime, RUNTIME_BYTES)!, version)
  const { codeAt, ownerAt } = as13.layout.frame
  const tagged: Memory = {
    read(address, lengthBytes) {
      if (address === recorded.runtime && lengthBytes === RUNTIME_BYTES) return runtime
      const bytes = known.read(address, lengthBytes)
      if (bytes === null || lengthBytes !== ownerAt + 8) return bytes
      const changed = Buffer.from(bytes)
      changed.writeBigUInt64LE(bytes.readBigUInt64LE(codeAt) | 1n, codeAt)
      return changed
    },
  }
  const as14 = await pythonOf({ ...recorded, version }, tagged, { self: recorded.self })
  assert.deepEqual(as14, as13)
  assert.deepEqual(pythonFrames(tagged, as14).slice(1), recorded.frames)
})

/** `runtime` of 3.13 with the words that its table has since: how many stand before them in 3.13's. */
function asOf3_14(runtime: Buffer, version: bigint): Buffer {
  const more = new Map([
    [10, 1],
    [19, 2],
    [34, 2],
    [44, 1],
    [56, 4],
  ])
  const words = Array.from({ length: 100 }, (_, index) => runtime.readBigUInt64LE(index * 8))
  const moved = words.flatMap((word, index) => [...Array<bigint>(more.get(index) ?? 0).fill(1n), word])
  const bytes = Buffer.alloc(RUNTIME_BYTES)
  for (const [index, word] of moved.slice(0, RUNTIME_BYTES / 8).entries())
    bytes.writeBigUInt64LE(index === 1 ? version : word, index * 8)
  return bytes
}

it('pythonFrames() of a runtime of hostile making end, and throw nothing', () => {
  const version = 0x30d00f0n
  const words = fc.array(fc.bigInt({ min: -1n, max: 1n << 20n }), { minLength: 64, maxLength: 128 })
  fc.assert(
    fc.property(words, fc.uint8Array({ minLength: 16, maxLength: 64 }), (offsets, pattern) => {
      const runtime = Buffer.alloc(RUNTIME_BYTES)
      runtime.write('xdebugpy')
      for (const [index, word] of [version, 0n, ...offsets].slice(0, 127).entries())
        runtime.writeBigInt64LE(word, 8 + 8 * index)
      const layout = layoutOf(version, runtime)
      const type = Buffer.from(pattern).readBigUInt64LE(8)
      const endless: Memory = {
        read: (_, lengthBytes) => (lengthBytes < 0 ? null : Buffer.alloc(lengthBytes, pattern)),
      }
      const types = { code: type, text: type, bytes: type }
      const frames = layout === null ? [] : pythonFrames(endless, { layout, types, threads: [1n] })
      assert.ok(frames.length <= 64)
    }),
    inputs(100),
  )
})

async function pythonOf(
  { version, runtime, types }: RecordedInterpreter,
  memory: Memory,
  thread: Parameters<typeof threadStatesOf>[0],
): Promise<Python> {
  const layout = layoutOf(version, memory.read(runtime, RUNTIME_BYTES) ?? Buffer.alloc(0))
  assert.ok(layout !== null)
  const read = async (address: bigint, lengthBytes: number) => memory.read(address, lengthBytes)
  return { layout, types, threads: await threadStatesOf(thread, runtime, layout, read) }
}

function innermostOf(memory: Memory, { threads, layout }: Python): bigint {
  let at = threads[0]!
  for (const offset of layout.thread.frameAt) at = memory.read(at + BigInt(offset), 8)!.readBigUInt64LE()
  return at
}

/** A byte of some reads is another one. */
function damaged(memory: Memory, places: Iterator<number>, values: Iterator<number>): Memory {
  return {
    read(address, lengthBytes) {
      const bytes = memory.read(address, lengthBytes)
      const place: number = places.next().value
      if (bytes === null || place > bytes.length - 1) return bytes
      const changed = Buffer.from(bytes)
      changed[place] = values.next().value
      return changed
    },
  }
}
