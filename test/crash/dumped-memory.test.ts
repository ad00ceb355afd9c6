import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { DumpedMemory } from '../../crash/dumped-memory.ts'
import type { ElfSegment } from '../../crash/elf.ts'
import { inputs } from '../inputs.ts'

function load(address: bigint, fileOffset: number, fileBytes: number, memoryBytes = fileBytes): ElfSegment {
  return { type: 1, flags: 4, address, fileOffset, fileBytes, memoryBytes }
}

const dumped = new DumpedMemory({
  segments: [
    { ...load(0n, 500, 600), type: 4 },
    load(0x3000n, 8192, 4096),
    load(0x1000n, 4096, 4096, 8192),
    load(0x5000n, 12288, 0, 4096),
  ],
})

const places = [
  { name: 'within a mapping', at: 0x1010n, bytes: 16, found: { offset: 4112, lengthBytes: 16 } },
  { name: 'to the end of what was dumped', at: 0x1ff0n, bytes: 64, found: { offset: 8176, lengthBytes: 16 } },
  { name: 'behind what was dumped', at: 0x2000n, bytes: 1, found: null },
  { name: 'of which nothing was dumped', at: 0x5000n, bytes: 1, found: null },
  { name: 'in no mapping', at: 0x10n, bytes: 1, found: null },
]
for (const { name, at, bytes, found } of places)
  it(`DumpedMemory finds memory ${name}`, () => assert.deepEqual(dumped.at(at, bytes), found))

const hostile = fc.array(
  fc.record({
    address: fc.bigInt(0n, (1n << 64n) - 1n),
    fileOffset: fc.oneof(fc.nat(), fc.constant(2 ** 64)),
    fileBytes: fc.oneof(fc.nat(), fc.constant(2 ** 64)),
  }),
)

it('DumpedMemory promises no more than was asked for, whatever a head says', () => {
  fc.assert(
    fc.property(hostile, fc.bigInt(0n, (1n << 64n) - 1n), fc.nat(), (segments, at, wantedBytes) => {
      const loads = segments.map(({ address, fileOffset, fileBytes }) => load(address, fileOffset, fileBytes))
      const found = new DumpedMemory({ segments: loads }).at(at, wantedBytes + 1)
      if (found !== null) assert.ok(found.lengthBytes > 0 && found.lengthBytes <= wantedBytes + 1)
    }),
    inputs(),
  )
})

it('DumpedMemory has the last byte of what is too large for a number', () => {
  const found = new DumpedMemory({ segments: [load(0n, 0, 2 ** 64)] }).at((1n << 64n) - 1n, 16)
  assert.equal(found?.lengthBytes, 1)
})
