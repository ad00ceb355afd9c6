import assert from 'node:assert/strict'
import { it } from 'node:test'
import { mappingsBeside } from '../../../handler/why/places.ts'

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
