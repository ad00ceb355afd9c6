import assert from 'node:assert/strict'
import { it } from 'node:test'
import { PT_LOAD } from '../../crash/elf.ts'
import { privateRanges } from '../../crash/private-ranges.ts'

const SEGMENTS = [0x1000n, 0x2000n, 0x3000n].map((address, index) => ({
  ...{ type: PT_LOAD, flags: 6, address },
  ...{ fileOffset: 4096 * (index + 1), fileBytes: index === 2 ? 0 : 4096, memoryBytes: 4096 },
}))

it('privateRanges() leaves out what is shared, and what is not in the core at all', () => {
  const maps =
    '00001000-00002000 rw-p 00000000 00:00 0 \n00002000-00003000 r--s 00000000 00:01 7 /dev/shm/x\n'
  assert.deepEqual(privateRanges({ segments: SEGMENTS }, Buffer.from(maps)), [
    { offset: 4096, lengthBytes: 4096 },
  ])
  assert.equal(privateRanges({ segments: SEGMENTS }, Buffer.from('')).length, 2)
})
