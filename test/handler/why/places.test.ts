import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { CoreHead } from '../../../crash/core-head.ts'
import { mappingsBeside, stackPieces } from '../../../handler/why/places.ts'

/** With a stack of 8 MiB at 0x10000000 and a library 1 GiB above it. */
function headWith(stackPointer: bigint): CoreHead {
  const segment = { type: 1, flags: 6, fileOffset: 0, alignment: 4096 }
  const segments = [
    { ...segment, address: 0x1000_0000n, fileBytes: 8 << 20, memoryBytes: 8 << 20 },
    { ...segment, address: 0x5000_0000n, fileBytes: 4096, memoryBytes: 4096 },
  ]
  return { segments, stackPointers: [stackPointer], statuses: [Buffer.alloc(0)] } as unknown as CoreHead
}

const END = 0x1080_0000n
const KIB = 1024
for (const [where, pointer, pieces] of [
  ['its end', END - 0x1000n, [[END - 0x1000n - 128n, 0x1000 + 128]]],
  [
    'its middle',
    0x1040_0000n,
    [
      [0x1040_0000n - 128n, 256 * KIB],
      [END - 65536n, 64 * KIB],
    ],
  ],
  ['far below it, by the frame of one function', 0x1000_0000n - 0x80_0000n, [[END - 65536n, 64 * KIB]]],
  ['nowhere near', 0x4000n, []],
] as const) {
  it(`stackPieces() has what a stack pointer has callers at that is in ${where}`, () => {
    const found = stackPieces(headWith(pointer)).map(({ address, lengthBytes }) => [address, lengthBytes])
    assert.deepEqual(found, pieces)
  })
}

it('mappingsBeside() has the mappings around each address, in their order, and looks at few of the others', () => {
  let looks = 0
  const mappings = Array.from({ length: 131_072 }, (_, index) => ({
    start: BigInt(index * 0x2000),
    get end() {
      looks += 1
      return BigInt(index * 0x2000 + 0x1000)
    },
    permissions: 'rw-p',
    name: `${index}`,
  }))
  // In the last but one mapping, in a gap, and behind all; then as often as 64 threads may have been interrupted.
  const addresses = [131_070n * 0x2000n, 9n * 0x2000n + 0x1800n, 1n << 60n]
  const names = mappingsBeside(addresses, mappings).map(({ name }) => Number(name))
  assert.deepEqual(names, [7, 8, 9, 10, 11, 12, 13, 131_067, 131_068, 131_069, 131_070, 131_071])
  looks = 0
  mappingsBeside(
    Array.from({ length: 195 }, () => 131_070n * 0x2000n),
    mappings,
  )
  assert.ok(looks <= 195 * 18, `${looks}`)
})
