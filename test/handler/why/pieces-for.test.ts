import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { Memory } from '../../../crash/image/memory.ts'
import { piecesFor } from '../../../handler/why/pieces-for.ts'

const PAGE = 4096n

/** Memory in which each page begins with the address of the next one, from `first` on. */
function chain(first: bigint) {
  const read: bigint[] = []
  return {
    read,
    page: async (address: bigint, lengthBytes: number) => {
      read.push(address)
      const bytes = Buffer.alloc(lengthBytes)
      bytes.writeBigUInt64LE(address + 16n * PAGE)
      return address < first ? null : bytes
    },
  }
}

function follow(memory: Memory, address: bigint, steps: number): bigint {
  const next = memory.read(address, 8)?.readBigUInt64LE()
  return next === undefined || steps === 0 ? address : follow(memory, next, steps - 1)
}

it('piecesFor() follows the pointers that are asked for, page by page', async () => {
  const { page, read } = chain(PAGE)
  const pieces = await piecesFor(memory => follow(memory, PAGE, 3), [], page)
  const wanted = [1n, 17n, 33n, 49n].map(number => number * PAGE)
  assert.deepEqual(
    pieces.map(({ address }) => address),
    wanted,
  )
  assert.deepEqual(read, wanted)
})

it('piecesFor() asks for nothing that is known already, and not twice for what is not there', async () => {
  const { page, read } = chain(PAGE)
  const known = [{ address: 0x10n, bytes: Buffer.alloc(64) }]
  const find = (memory: Memory) => [memory.read(0x20n, 8), memory.read(0x200n, 8), memory.read(0x300n, 8)]
  assert.deepEqual(await piecesFor(find, known, page), [])
  assert.deepEqual(read, [0n])
})

it('piecesFor() goes as far as it may', async () => {
  const endless = chain(PAGE)
  const far = (memory: Memory) => follow(memory, PAGE, 1000)
  await piecesFor(far, [], endless.page, { rounds: 40, pages: 100, seconds: 60 })
  assert.equal(endless.read.length, 40)
  const late = chain(PAGE)
  assert.deepEqual(await piecesFor(far, [], late.page, { rounds: 40, pages: 100, seconds: -1 }), [])
})

it('piecesFor() ends, whatever is asked for', async () => {
  const endless = chain(PAGE)
  await piecesFor(memory => follow(memory, PAGE, 1000), [], endless.page)
  assert.equal(endless.read.length, 10)
  const wide = chain(PAGE)
  const everywhere = (memory: Memory) => {
    for (let number = 1n; number < 5000n; number += 1n) memory.read(number * PAGE, 8)
  }
  await piecesFor(everywhere, [], wide.page)
  assert.equal(wide.read.length, 256)
})
