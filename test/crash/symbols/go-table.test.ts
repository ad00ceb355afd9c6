import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { ElfImage } from '../../../crash/image/elf-image.ts'
import { bytesOf } from '../../../crash/image/file-bytes.ts'
import { LONGEST_NAME, Symbols } from '../../../crash/symbols/function-at.ts'
import { inputs } from '../../inputs.ts'
import { fixture, imageOf, withoutSections } from './fixture.ts'
import { mutated } from './mutated.ts'

const GOEXIT = { name: 'runtime.goexit', file: 'runtime/asm_amd64.s' }
const CHECKOUT = { name: 'main.checkout', file: 'shop/shop.go' }
const MAIN = { name: 'main.main', file: 'github.com/evanw/esbuild/cmd/esbuild/main.go' }

const PLACES = [
  { program: 'go-1.26', address: 0x47f321n, found: { ...GOEXIT, line: 1772, start: 0x47f320n } },
  { program: 'go-1.26', address: 0x49e980n, found: { ...CHECKOUT, line: 21, start: 0x49e980n } },
  { program: 'go-1.26-pie', address: 0xab401n, found: { ...GOEXIT, line: 1772, start: 0xab400n } },
  { program: 'go-1.19', address: 0x468c01n, found: { ...GOEXIT, line: 1595, start: 0x468c00n } },
  { program: 'go-1.19', address: 0x8476e0n, found: { ...MAIN, line: 147, start: 0x8476e0n } },
  { program: 'go-1.17', address: 0x465ca1n, found: { ...GOEXIT, line: 1582, start: 0x465ca0n } },
  { program: 'go-1.17', address: 0x7c0e20n, found: { ...MAIN, line: 136, start: 0x7c0e20n } },
]
for (const { program, address, found } of PLACES)
  it(`functionAt() has ${found.name} of ${program}, with its file and line`, () => {
    const file = fixture(program)
    assert.deepEqual(new Symbols(imageOf(file)).functionAt(address), found)
    assert.deepEqual(new Symbols(imageOf(withoutSections(file))).functionAt(address), found)
  })

it('functionAt() has what was inlined, and the line of its call', () => {
  for (const [program, start] of [
    ['go-1.26', 0x49e980n],
    ['go-1.26-pie', 0xcaaa0n],
  ] as const) {
    assert.deepEqual(new Symbols(imageOf(fixture(program))).functionAt(start + 0x1an), {
      ...CHECKOUT,
      line: 22,
      start,
      inlined: [{ name: 'main.price', file: 'shop/shop.go', line: 18 }],
    })
  }
})

it('functionAt() names nothing before and behind the code of Go', () => {
  const symbols = new Symbols(imageOf(fixture('go-1.26')))
  for (const address of [0n, 0x400fffn, 0x4a0000n, 2n ** 64n - 1n])
    assert.equal(symbols.functionAt(address), null)
})

it('functionAt() throws nothing, whatever a table of Go says', () => {
  const programs = ['go-1.26', 'go-1.26-pie'].map(fixture)
  const files = fc.oneof(...programs.flatMap(file => [mutated(file), mutated(withoutSections(file))]))
  fc.assert(
    fc.property(files, file => {
      const image = ElfImage.open(bytesOf(file))
      const symbols = image && new Symbols(image)
      for (const { address } of PLACES) {
        const found = symbols?.functionAt(address)
        assert.ok((found?.name.length ?? 0) <= LONGEST_NAME && (found?.inlined?.length ?? 0) <= 32)
      }
    }),
    inputs(200),
  )
})
