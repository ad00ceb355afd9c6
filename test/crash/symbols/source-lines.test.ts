import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { ElfImage } from '../../../crash/image/elf-image.ts'
import { bytesOf } from '../../../crash/image/file-bytes.ts'
import { LONGEST_NAME, Symbols } from '../../../crash/symbols/function-at.ts'
import { inputs } from '../../inputs.ts'
import { fixture, imageOf } from './fixture.ts'
import { mutated } from './mutated.ts'

const KINDS = [
  'dwarf-2',
  'dwarf-3',
  'dwarf-4',
  'dwarf-5',
  'dwarf-64-bits',
  'dwarf-4-alone',
  'dwarf-5-alone',
  'compressed',
]

const INLINED_AT = 0x272n
const PLACES = [
  { address: 0x260n, found: { name: 'discount', start: 0x260n, file: 'inner/price.h', line: 6 } },
  { address: 0x26bn, found: { name: 'discount', start: 0x260n, file: 'inner/price.h', line: 7 } },
  { address: 0x286n, found: { name: 'checkout', start: 0x26cn, file: 'lines.c', line: 10 } },
  { address: 0x28fn, found: { name: 'apart', start: 0x28fn, file: 'lines.c', line: 4 } },
]
for (const kind of KINDS)
  it(`functionAt() has files and lines of DWARF as ${kind} has it`, () => {
    const symbols = new Symbols(imageOf(fixture(`lines-${kind}.so`)))
    for (const { address, found } of PLACES) assert.deepEqual(symbols.functionAt(address), found)
  })

/** What was inlined there is told in a way of its own in DWARF 2. */
const INLINED = {
  ...{ name: 'checkout', start: 0x26cn, file: 'lines.c', line: 10 },
  inlined: [{ name: 'price', file: 'inner/price.h', line: 2 }],
  isInlinedByDebug: true,
}
for (const kind of KINDS.filter(kind => kind !== 'dwarf-2'))
  it(`functionAt() has what was inlined as ${kind} has it, and the line of its call`, () => {
    assert.deepEqual(new Symbols(imageOf(fixture(`lines-${kind}.so`))).functionAt(INLINED_AT), INLINED)
  })

it('functionAt() throws nothing, whatever lines of DWARF say', () => {
  const files = fc.oneof(...KINDS.map(kind => mutated(fixture(`lines-${kind}.so`))))
  fc.assert(
    fc.property(files, file => {
      const image = ElfImage.open(bytesOf(file))
      const symbols = image && new Symbols(image)
      for (const address of [INLINED_AT, ...PLACES.map(({ address }) => address)])
        assert.ok((symbols?.functionAt(address)?.file ?? '').length <= LONGEST_NAME)
    }),
    inputs(200),
  )
})
