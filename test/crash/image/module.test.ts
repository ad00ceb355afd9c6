import assert from 'node:assert/strict'
import { it } from 'node:test'
import { ElfImage } from '../../../crash/image/elf-image.ts'
import { bytesOf } from '../../../crash/image/file-bytes.ts'
import { biasOf, type Module, Modules, modulesOf } from '../../../crash/image/module.ts'
import { elfPage, type PageParts } from '../../fakes/elf-core.ts'

// As ld makes them without -z separate-code: code, and data that begins in the same page of the file.
const SHARED_PAGE = [
  { offset: 0, address: 0n, size: 0x6f4 },
  { offset: 0xdf0, address: 0x3df0n, size: 0x450 },
]
const START = 0x5555_5555_4000n
const CODE = { start: START, end: START + 0x1000n, fileOffset: 0n }
// What is read-only after relocation is a mapping of its own.
const READ_ONLY = { start: START + 0x3000n, end: START + 0x4000n, fileOffset: 0n }
const DATA = { start: START + 0x4000n, end: START + 0x5000n, fileOffset: 0x1000n }

it('biasOf() is what most pieces of a file agree on, where two segments share a page of it', () => {
  const image = imageOf(SHARED_PAGE)
  assert.equal(biasOf(image, CODE), START)
  assert.equal(biasOf(image, DATA), START)
  assert.equal(biasOf(image, CODE, READ_ONLY, DATA), START)
  assert.equal(biasOf(image, READ_ONLY, DATA), START)
})

it('biasOf() has 0 for a program at a fixed address, and less than 0 for one that lies below its own', () => {
  const image = imageOf([{ offset: 0, address: 0x400000n, size: 0x1000 }])
  assert.equal(biasOf(image, { start: 0x400000n, end: 0x401000n, fileOffset: 0n }), 0n)
  assert.equal(biasOf(image, { start: 0x300000n, end: 0x301000n, fileOffset: 0n }), -0x100000n)
})

it('biasOf() is of the segment that a mapping of large pages holds a part of', () => {
  const image = imageOf([{ offset: 0x1f000, address: 0x2f000n, size: 0x800 }])
  assert.equal(biasOf(image, { start: 0x7f0000n, end: 0x800000n, fileOffset: 0x10000n }), 0x7d0000n)
})

it('biasOf() knows nothing of pieces that no segment has', () => {
  assert.equal(biasOf(imageOf(SHARED_PAGE), { ...CODE, fileOffset: 0x10000n }), null)
  assert.equal(biasOf(imageOf(SHARED_PAGE)), null)
})

it('modulesOf() makes one more of code that a program has mapped a second time', () => {
  const again = { start: 0x7f00_0000_0000n, end: 0x7f00_0000_1000n, fileOffset: 0n }
  const modules = modulesOf('/node', imageOf(SHARED_PAGE), [CODE, READ_ONLY, DATA, again])
  assert.deepEqual(
    modules.map(({ bias, ranges }) => [bias, ranges]),
    [
      [START, [CODE, READ_ONLY, DATA]],
      [again.start, [again]],
    ],
  )
})

it('modulesOf() has none of pieces that no segment has', () => {
  assert.deepEqual(modulesOf('/data', imageOf(SHARED_PAGE), [{ ...CODE, fileOffset: 0x10000n }]), [])
})

it('Modules have what lies at an address, up to its end', () => {
  const low = moduleOf('low', [0x1000n, 0x2000n], [0x4000n, 0x5000n])
  const high = moduleOf('high', [0x2000n, 0x3000n])
  const modules = new Modules([high, low])
  const at = [0xfffn, 0x1000n, 0x1fffn, 0x2000n, 0x2fffn, 0x3000n, 0x3fffn, 0x4000n, 0x4fffn, 0x5000n]
  assert.deepEqual(
    at.map(address => modules.at(address)?.path ?? null),
    [null, 'low', 'low', 'high', 'high', null, null, 'low', 'low', null],
  )
})

it('Modules of a process without any have none', () => {
  assert.equal(new Modules([]).at(0x1000n), null)
})

function imageOf(loads: PageParts['loads'] & object): ElfImage {
  const image = ElfImage.open(bytesOf(elfPage(Buffer.alloc(20), { loads })))
  assert.ok(image)
  return image
}

function moduleOf(path: string, ...lie: readonly (readonly [bigint, bigint])[]): Module {
  return { path, image: null, bias: 0n, ranges: lie.map(([start, end]) => ({ start, end, fileOffset: 0n })) }
}
