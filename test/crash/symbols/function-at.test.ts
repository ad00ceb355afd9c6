import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { it } from 'node:test'
import fc from 'fast-check'
import { ElfImage } from '../../../crash/image/elf-image.ts'
import { bytesOf } from '../../../crash/image/file-bytes.ts'
import { LONGEST_NAME, Symbols } from '../../../crash/symbols/function-at.ts'
import { inputs } from '../../inputs.ts'
import { fixture, imageOf, withoutSections } from './fixture.ts'
import { mutated } from './mutated.ts'

const X86_64 = fixture('functions-x86_64.so')
const DEBUG_DATA = fixture('functions-debugdata.so')
const AARCH64 = fixture('functions-aarch64.so')

const PLACES = [
  { what: 'a function, at its first byte', address: 0x418n, name: 'hidden', start: 0x418n },
  { what: 'a function, at its last byte', address: 0x423n, name: 'hidden', start: 0x418n },
  { what: 'the global one of its names, as people write it', address: 0x40cn, name: 'outer', start: 0x408n },
  { what: 'no version of a name', address: 0x424n, name: 'versioned', start: 0x424n },
  { what: 'an indirect function', address: 0x430n, name: 'indirect', start: 0x42dn },
  { what: 'the inner one of two functions', address: 0x3c1n, name: 'inside', start: 0x3c0n },
  { what: 'the outer one behind the inner one', address: 0x3c5n, name: 'around', start: 0x3bcn },
  { what: 'a label without a length', address: 0x3b9n, name: 'asm_label', start: 0x3b4n },
]
for (const { what, address, name, start } of PLACES)
  it(`functionAt() names ${what}`, () => {
    assert.deepEqual(new Symbols(imageOf(X86_64)).functionAt(address), { name, start })
  })

it('functionAt() names nothing where no function is', () => {
  const symbols = new Symbols(imageOf(X86_64))
  // Behind a function and a label, before all code, in data, and nowhere.
  for (const address of [0x3d0n, 0n, 0x2000n, 2n ** 64n - 1n]) assert.equal(symbols.functionAt(address), null)
})

it('functionAt() takes no mark of where code begins for a function', () => {
  const symbols = new Symbols(imageOf(AARCH64))
  assert.equal(symbols.functionAt(0x3ecn)?.name, 'asm_label')
  // Behind data that stands in the code.
  assert.equal(symbols.functionAt(0x3f4n)?.name, 'asm_label')
  assert.equal(symbols.functionAt(0x3e8n)?.name, 'asm_sized')
  assert.equal(symbols.functionAt(0x444n)?.name, 'outer')
})

it('functionAt() finds what is exported where section headers are stripped', () => {
  for (const [file, outer] of [
    [X86_64, 0x40cn],
    [AARCH64, 0x448n],
  ] as const) {
    const symbols = new Symbols(imageOf(withoutSections(file)))
    assert.equal(symbols.functionAt(outer)?.name, 'outer')
    assert.equal(symbols.functionAt(outer + 0x14n)?.name ?? null, null)
    assert.equal(symbols.addressOf('exported_value'), 0x2000n)
  }
})

it('functionAt() has local functions of .gnu_debugdata', () => {
  const symbols = new Symbols(imageOf(DEBUG_DATA))
  assert.deepEqual(symbols.functionAt(0x418n), { name: 'hidden', start: 0x418n })
  assert.deepEqual(symbols.functionAt(0x408n), { name: 'outer', start: 0x408n })
  assert.equal(symbols.functionAt(0x3d0n), null)
})

it('addressOf() finds functions and variables, exported or not', () => {
  const symbols = new Symbols(imageOf(X86_64))
  assert.equal(symbols.addressOf('exported_value'), 0x2000n)
  assert.equal(symbols.addressOf('counter'), 0x2004n)
  // Its name may stand at the end of another one.
  assert.equal(symbols.addressOf('outer'), 0x408n)
  assert.equal(symbols.addressOf('hidden'), 0x418n)
  assert.equal(symbols.addressOf('FIXTURE_2'), null)
  assert.equal(symbols.addressOf(''), null)
})

it('functionAt() and addressOf() have the symbols of a real program', () => {
  const symbols = new Symbols(imageOf(readFileSync(process.execPath)))
  const start = symbols.addressOf('uv_run')
  assert.ok(start !== null)
  const found = symbols.functionAt(start + 5n)
  assert.deepEqual([found?.name, found?.start], ['uv_run', start])
})

it('functionAt() and addressOf() throw nothing, whatever the file says', () => {
  const addresses = PLACES.map(({ address }) => address)
  fc.assert(
    fc.property(fc.oneof(mutated(X86_64), mutated(DEBUG_DATA)), file => {
      const image = ElfImage.open(bytesOf(file))
      if (image === null) return
      const symbols = new Symbols(image)
      for (const address of addresses) {
        const name = symbols.functionAt(address)?.name ?? ''
        assert.ok(name.length <= LONGEST_NAME)
      }
      symbols.addressOf('counter')
    }),
    inputs(300),
  )
})
