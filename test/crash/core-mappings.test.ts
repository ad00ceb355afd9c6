import assert from 'node:assert/strict'
import { it } from 'node:test'
import { mappingsOfCore } from '../../crash/core-mappings.ts'

const segment = (address: bigint, flags: number, type = 1) => ({
  type,
  flags,
  address,
  fileOffset: 0,
  fileBytes: 0,
  memoryBytes: 0x1000,
})

it('mappingsOfCore() has permissions, the names of files, and the highest writable as the stack', () => {
  const segments = [
    segment(0n, 0, 4),
    segment(0x7fff_0000n, 6),
    segment(0x40_0000n, 5),
    segment(0x7fff_f000n, 4),
    segment(0x7000_0000n, 6),
    segment(0x6fff_f000n, 0),
  ]
  const files = [{ start: 0x40_0000n, end: 0x40_1000n, fileOffset: 0n, path: '/app/server' }]
  const shown = mappingsOfCore({ segments, files }).map(
    ({ start, end, permissions, name }) => `${start.toString(16)} ${end - start} ${permissions} ${name}`,
  )
  assert.deepEqual(shown, [
    '400000 4096 r-xp /app/server',
    '6ffff000 4096 ---p ',
    '70000000 4096 rw-p ',
    '7fff0000 4096 rw-p [stack]',
    '7ffff000 4096 r--p ',
  ])
})
