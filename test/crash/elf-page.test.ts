import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { addressIn, buildIdIn, hasAbiTag, hasInterpreter } from '../../crash/elf-page.ts'
import { elfPage } from '../fakes/elf-core.ts'
import { inputs } from '../inputs.ts'

const BUILD_ID = Buffer.from('b1062ad5b479d8f7652392b53cae6170a44d6365', 'hex')

it('buildIdIn() is null for a page that is no ELF file, and for one cut short', () => {
  assert.deepEqual(
    [buildIdIn(Buffer.alloc(4096)), buildIdIn(elfPage(BUILD_ID).subarray(0, 130))],
    [null, null],
  )
})

it('buildIdIn() finds a note behind those that the program header covers, as Go has it', () => {
  const page = elfPage(BUILD_ID)
  // p_filesz of the first program header.
  page.writeBigUInt64LE(0n, 64 + 32)
  assert.equal(buildIdIn(page), BUILD_ID.toString('hex'))
})

// As LLD lays out: what is next to each other in the file is a page apart in memory.
const LLD = [
  { offset: 0, address: 0n, size: 0x131b8 },
  { offset: 0x131c0, address: 0x141c0n, size: 0x3d620 },
  { offset: 0x507e0, address: 0x527e0n, size: 0x2728 },
]
const addresses: { offset: bigint; address: bigint | null }[] = [
  { offset: 0n, address: 0n },
  { offset: 0x131b7n, address: 0x131b7n },
  { offset: 0x131bcn, address: null },
  { offset: 0x131c0n, address: 0x141c0n },
  { offset: 0x20000n, address: 0x21000n },
  { offset: 0x507e0n, address: 0x527e0n },
  { offset: 0xffff_ffff_ffff_f000n, address: null },
]
for (const { offset, address } of addresses) {
  it(`addressIn() is ${address} for the byte ${offset} of a file`, () => {
    assert.equal(addressIn(elfPage(BUILD_ID, { loads: LLD }), offset), address)
  })
}

it('addressIn() is an address whatever a program wrote over its header', () => {
  const loads = [{ offset: 0, address: 0xffff_ffff_ffff_ffffn, size: Number.MAX_SAFE_INTEGER }]
  assert.equal(addressIn(elfPage(BUILD_ID, { loads }), 0x11n), 0x10n)
  assert.equal(addressIn(Buffer.alloc(4096, 0xff), 0x11n), null)
})

it('a page says a build id, an address, or nothing, whatever a program wrote over it, and never throws', () => {
  const page = elfPage(BUILD_ID, { loads: LLD, abiTag: true, interpreter: '/lib/ld.so' })
  const damage = fc.array(fc.tuple(fc.nat(500), fc.nat(255)), { maxLength: 20 })
  fc.assert(
    fc.property(
      damage,
      fc.nat(page.length),
      fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
      (changes, length, at) => {
        const damaged = Buffer.from(page)
        for (const [place, value] of changes) damaged[place] = value
        const read = damaged.subarray(0, length)
        assert.match(buildIdIn(read) ?? '', /^(?:[0-9a-f]{2}){0,64}$/)
        const address = addressIn(read, at) ?? 0n
        assert.ok(address >= 0n && address < 2n ** 64n)
        assert.equal(typeof (hasAbiTag(read) && hasInterpreter(read)), 'boolean')
      },
    ),
    inputs(3000),
  )
})
