import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { ElfImage } from '../../../crash/image/elf-image.ts'
import { bytesOf } from '../../../crash/image/file-bytes.ts'
import { LONGEST_NAME, Symbols } from '../../../crash/symbols/function-at.ts'
import { inputs } from '../../inputs.ts'
import { fixture, imageOf } from './fixture.ts'
import { mutated } from './mutated.ts'

const OF_CXX = {
  ...{ name: 'shop::checkout(shop::Item const*)', start: 0x2c0n, file: 'inlined.cpp', line: 20 },
  inlined: [
    { name: 'shop::Item::heavy() const', file: 'inlined.cpp', line: 6 },
    { name: 'shop::total', file: 'inlined.cpp', line: 11 },
    { name: 'shop::(anonymous namespace)::doubled', file: 'inlined.cpp', line: 16 },
  ],
  isInlinedByDebug: true,
}
const RUST_LIBRARY = '/rustc/59807616e1fa2540724bfbac14d7976d7e4a3860/library'
const OF_RUST = {
  ...{ name: 'checkout', start: 0x1300n, file: 'inlined.rs', line: 17 },
  inlined: [
    { name: 'core::ptr::read_volatile', file: `${RUST_LIBRARY}/core/src/ptr/mod.rs`, line: 2091 },
    { name: 'inlined::shop::price', file: 'inlined.rs', line: 11 },
  ],
  isInlinedByDebug: true,
}

it('functionAt() has what was inlined into what was inlined, with the namespaces that GCC does not say', () => {
  assert.deepEqual(new Symbols(imageOf(fixture('inlined-c++.so'))).functionAt(0x2c0n), OF_CXX)
})

it('functionAt() has what another unit says that was inlined', () => {
  assert.deepEqual(new Symbols(imageOf(fixture('inlined-lto.so'))).functionAt(0x2c0n), OF_CXX)
})

it('functionAt() has what rustc has inlined, of which no table says where it is', () => {
  assert.deepEqual(new Symbols(imageOf(fixture('inlined-rust.so'))).functionAt(0x1300n), OF_RUST)
})

it('functionAt() throws nothing, whatever is said of what was inlined', () => {
  const kinds = ['c++', 'lto', 'rust'].map(kind => mutated(fixture(`inlined-${kind}.so`)))
  fc.assert(
    fc.property(fc.oneof(...kinds), file => {
      const image = ElfImage.open(bytesOf(file))
      const symbols = image && new Symbols(image)
      for (const address of [0x2c0n, 0x2c1n, 0x1300n]) {
        const { inlined = [] } = symbols?.functionAt(address) ?? {}
        assert.ok(inlined.length <= 32 && inlined.every(({ name }) => name.length <= LONGEST_NAME))
      }
    }),
    inputs(300),
  )
})
