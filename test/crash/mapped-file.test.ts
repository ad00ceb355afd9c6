import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { filesInMaps, filesInNote, type MappedFile } from '../../crash/mapped-file.ts'
import { inputs } from '../inputs.ts'

/** As Linux 6.18 shows them. */
const MAPS = Buffer.from(
  [
    '00400000-00401000 r--p 00000000 fe:00 132867                             /app/server',
    '00401000-00402000 r-xp 00001000 fe:00 132867                             /app/server',
    '0a3d1000-0a3f2000 rw-p 00000000 00:00 0                                  [heap]',
    '7f2e80000000-7f2e80021000 rw-p 00000000 00:00 0 ',
    '7f2e8c000000-7f2e8c001000 r--s 00000000 00:2f 17                         /data/a b (deleted)',
    '7f2e8d000000-7f2e8d001000 r--s 00002000 00:2f 18                         /data/two\\012lines',
    'ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]',
    '7ffe1c000000-7ffe1c0',
  ].join('\n'),
)

it('filesInMaps() gives the files of whole lines, and nothing else', () => {
  const files: readonly MappedFile[] = [
    { start: 0x400000n, end: 0x401000n, fileOffset: 0n, path: '/app/server' },
    { start: 0x401000n, end: 0x402000n, fileOffset: 0x1000n, path: '/app/server' },
    { start: 0x7f2e8c000000n, end: 0x7f2e8c001000n, fileOffset: 0n, path: '/data/a b' },
    { start: 0x7f2e8d000000n, end: 0x7f2e8d001000n, fileOffset: 0x2000n, path: '/data/two\nlines' },
  ]
  assert.deepEqual([...filesInMaps(MAPS)], files)
})

it('filesInMaps() takes over no path that no file can have', () => {
  const line = `1000-2000 r--p 00000000 00:2f 17 /${'x'.repeat(10_000)}\n`
  assert.deepEqual(
    [...filesInMaps(Buffer.from(line))].map(({ path }) => path.length),
    [4096],
  )
})

it('filesInMaps() never throws, and has no path that none can have, whatever was overwritten', () => {
  const damage = fc.array(fc.tuple(fc.nat(MAPS.length - 1), fc.nat(255)), { maxLength: 20 })
  fc.assert(
    fc.property(damage, changes => {
      const damaged = Buffer.from(MAPS)
      for (const [at, value] of changes) damaged[at] = value
      for (const { path } of filesInMaps(damaged)) assert.match(path, /^\//)
    }),
    inputs(4000),
  )
})

it('filesInNote() never throws, and has no more files than there are names, whatever the note holds', () => {
  const word = fc.oneof(fc.bigInt({ min: 0n, max: 8n }), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }))
  fc.assert(
    fc.property(fc.array(word, { maxLength: 20 }), fc.uint8Array({ maxLength: 100 }), (words, rest) => {
      const bytes = Buffer.concat([Buffer.from(BigUint64Array.from(words).buffer), rest])
      for (const addressBytes of [4, 8] as const) {
        const files = [...filesInNote(bytes, { addressBytes })]
        assert.ok(files.length <= bytes.length)
      }
    }),
    inputs(4000),
  )
})
