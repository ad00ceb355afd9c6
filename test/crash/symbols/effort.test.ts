import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { ElfImage } from '../../../crash/image/elf-image.ts'
import { bytesOf, type FileBytes } from '../../../crash/image/file-bytes.ts'
import { Effort } from '../../../crash/symbols/effort.ts'
import { Symbols } from '../../../crash/symbols/function-at.ts'
import { unxz } from '../../../crash/symbols/xz.ts'
import { inputs } from '../../inputs.ts'
import { compressedFixture, fixture, withoutSections } from './fixture.ts'
import { CODE_AT, HOSTILE, openHostile } from './hostile-tables.ts'
import { mutated } from './mutated.ts'

it('spend() takes what there is, of a part and of the whole, and nothing for what may not be done', () => {
  const whole = new Effort(10)
  const [one, other] = [whole.part(6), whole.part(6)]
  assert.ok(!one.spend(7))
  assert.ok(one.spend(6))
  assert.ok(!one.spend(1))
  assert.ok(!other.spend(5))
  assert.ok(other.spend(4))
  assert.ok(!whole.spend(1))
})

/** Of what is read to find the tables themselves, and once. */
const FIXED = { reads: 200, bytes: 2 << 20 }
const LOOKUPS = 1000

const OF_GO = [0x47f321n, 0x49e980n, 0x49e99an]
const ADDRESSES = [...Array(LOOKUPS).keys()].map(BigInt).concat(OF_GO)

for (const table of HOSTILE)
  it(`functionAt() does no more than it may with ${table.what}`, () => {
    const steps = 500_000
    const { file, asked } = openHostile(table)
    const image = ElfImage.open(file) ?? assert.fail('it is an ELF file')
    const effort = new Effort(steps)
    const symbols = new Symbols(image, effort)
    for (let at = 0; at < LOOKUPS; at += 1) symbols.functionAt(BigInt(CODE_AT + at))
    assert.ok(asked.reads <= FIXED.reads + steps / 20, `${asked.reads} reads`)
    assert.ok(asked.bytes <= FIXED.bytes + steps * 200, `${asked.bytes} bytes`)
    // What is done without reading is counted, too.
    assert.ok(!effort.spend(steps - LOOKUPS), 'something was counted')
  })

it('functionAt() reads no more than it may, whatever a file says', () => {
  const whole = [
    'functions-x86_64.so',
    'functions-debugdata.so',
    'lines-dwarf-5.so',
    'lines-dwarf-4-alone.so',
    'inlined-c++.so',
    'inlined-rust.so',
  ]
  const files = [...whole, 'lines-compressed.so', 'go-1.26'].map(fixture)
  const hostile = fc.oneof(...files.flatMap(file => [mutated(file), mutated(withoutSections(file))]))
  fc.assert(
    fc.property(hostile, fc.nat(5000), (bytes, steps) => {
      const { file, asked } = counted(bytes)
      const image = ElfImage.open(file)
      const symbols = image && new Symbols(image, new Effort(steps))
      for (const address of ADDRESSES) symbols?.functionAt(address)
      assert.ok(asked.reads <= FIXED.reads + steps / 20, `${asked.reads} reads`)
    }),
    inputs(100),
  )
})

it('unxz() makes nothing for which its effort does not suffice', () => {
  const compressed = compressedFixture('best')
  const sizeBytes = fixture('functions-x86_64.so').length
  assert.equal(unxz(compressed, sizeBytes, new Effort(sizeBytes)), null)
  assert.equal(unxz(compressed, sizeBytes, new Effort(2 * sizeBytes))?.length, sizeBytes)
})

function counted(bytes: Buffer): { readonly file: FileBytes; readonly asked: { reads: number } } {
  const [file, asked] = [bytesOf(bytes), { reads: 0 }]
  const read: FileBytes['read'] = (offset, lengthBytes) => {
    asked.reads += 1
    return file.read(offset, lengthBytes)
  }
  return { file: { ...file, read }, asked }
}
