import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { OperatorError } from '../../../crash/errors.ts'
import { bytesOf } from '../../../crash/image/file-bytes.ts'
import { symbolFile } from '../../../crash/symbol-file/symbol-file.ts'
import { buildIdInSections } from '../../../crash/symbols/build-id.ts'
import { Symbols } from '../../../crash/symbols/function-at.ts'
import { inputs } from '../../inputs.ts'
import { fixture, imageOf } from '../symbols/fixture.ts'
import { mutated } from '../symbols/mutated.ts'

const KINDS = [
  ...['dwarf-2', 'dwarf-3', 'dwarf-4', 'dwarf-5', 'dwarf-64-bits', 'dwarf-4-alone', 'dwarf-5-alone'],
  'compressed',
]
for (const kind of KINDS)
  it(`symbolFile() keeps functions and lines of ${kind}, and what was inlined`, () => {
    const { bytes, hasLines } = symbolFile(bytesOf(fixture(`lines-${kind}.so`)))
    assert.ok(hasLines)
    assertSame(bytes, fixture(`lines-${kind}.so`), kind === 'dwarf-2' ? undefined : 'inlined')
  })

const PROGRAMS = [
  ...['functions-x86_64.so', 'functions-aarch64.so', 'inlined-c++.so', 'inlined-lto.so', 'inlined-rust.so'],
]
for (const name of PROGRAMS)
  it(`symbolFile() keeps all that is known of the code of ${name}, at each address`, () => {
    const { bytes, functionCount } = symbolFile(bytesOf(fixture(name)))
    assert.ok(functionCount > 0)
    assertSame(bytes, fixture(name), name.startsWith('inlined') ? 'inlined' : undefined)
  })

function assertSame(kept: Buffer, whole: Buffer, wanted?: 'inlined'): void {
  const [found, expected] = [kept, whole].map(file => new Symbols(imageOf(file)))
  const code = imageOf(whole).section('.text')!
  const seen = new Set<string>()
  for (let at = code.address; at < code.address + BigInt(code.fileBytes); at += 1n) {
    const there = expected?.functionAt(at)
    assert.deepEqual(found?.functionAt(at), there, `${at}`)
    for (const key of Object.keys(there ?? {})) seen.add(key)
  }
  assert.ok(seen.has(wanted ?? 'name'))
}

it('symbolFile() keeps the names that a stripped file still has, and those of its .gnu_debugdata', () => {
  const { bytes } = symbolFile(bytesOf(fixture('functions-debugdata.so')))
  const [whole, kept] = [fixture('functions-x86_64.so'), bytes].map(file => new Symbols(imageOf(file)))
  const { address, fileBytes } = imageOf(fixture('functions-debugdata.so')).section('.text')!
  for (let at = address; at < address + BigInt(fileBytes); at += 1n)
    assert.equal(kept?.functionAt(at)?.name, whole?.functionAt(at)?.name)
})

it('symbolFile() keeps the build id, and nothing but names and lines', () => {
  const { bytes, buildId } = symbolFile(bytesOf(fixture('inlined-c++.so')))
  const image = imageOf(bytes)
  assert.equal(buildId, 'c0ffee')
  assert.equal(buildIdInSections(image), buildId)
  const own = image.sections
    .filter(({ flags, name }) => (flags & 2n) === 0n && name !== '')
    .map(({ name }) => name)
  assert.deepEqual(own, [
    ...[
      '.symtab',
      '.strtab',
      '.debug_line',
      '.debug_line_str',
      '.debug_info',
      '.debug_abbrev',
      '.debug_aranges',
    ],
    '.shstrtab',
  ])
  const text = bytes.toString('latin1')
  for (const word of ['GNU C++', 'unsigned']) assert.ok(!text.includes(word), word)
})

it('symbolFile() makes the same of a separate debug file, and of what it made', () => {
  const whole = symbolFile(bytesOf(fixture('lines-dwarf-5.so')))
  const again = symbolFile(bytesOf(whole.bytes))
  assert.ok(again.bytes.equals(whole.bytes))
})

const WRONG = [
  { name: 'text', file: Buffer.from('#!/bin/sh\n'), message: /no ELF file/ },
  { name: 'nothing', file: Buffer.alloc(0), message: /no ELF file/ },
  { name: 'an object file', file: withType(1), message: /object file/ },
  { name: 'a library that exports names alone', file: withoutSymbolTable(), message: /it was stripped/ },
  { name: 'a file without sections', file: withoutSections(), message: /no build id/ },
]
for (const { name, file, message } of WRONG)
  it(`symbolFile() says what is wrong with ${name}`, () => {
    assert.throws(() => symbolFile(bytesOf(file)), message)
  })

it('symbolFile() throws nothing but errors with a hint, whatever stands in the file', () => {
  const files = fc.oneof(...KINDS.map(kind => mutated(fixture(`lines-${kind}.so`))))
  fc.assert(
    fc.property(files, file => {
      try {
        const { bytes } = symbolFile(bytesOf(file))
        new Symbols(imageOf(bytes)).functionAt(0x260n)
      } catch (cause) {
        if (!(cause instanceof OperatorError)) throw cause
      }
    }),
    inputs(300),
  )
})

function withType(type: number): Buffer {
  const file = fixture('lines-dwarf-5.so')
  file.writeUInt16LE(type, 16)
  return file
}

function withoutSections(): Buffer {
  const file = fixture('lines-dwarf-5.so')
  file.fill(0, 40, 48)
  return file
}

function withoutSymbolTable(): Buffer {
  const file = fixture('functions-x86_64.so')
  const at = Number(file.readBigUInt64LE(40))
  for (let index = 0; index < file.readUInt16LE(60); index += 1)
    if (file.readUInt32LE(at + index * 64 + 4) === 2) file.writeUInt32LE(1, at + index * 64 + 4)
  return file
}
