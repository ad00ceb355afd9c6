import assert from 'node:assert/strict'
import { it } from 'node:test'
import { CodeSymbols } from '../../../crash/symbols/code-symbols.ts'
import { Effort } from '../../../crash/symbols/effort.ts'
import { symbolAt } from '../../../crash/symbols/symbol-at.ts'
import type { SymbolTable } from '../../../crash/symbols/symbol-table.ts'
import { fixture, imageOf } from './fixture.ts'

const CODE = 0x400n
const [LOCAL, GLOBAL, WEAK] = [0, 1, 2]

const NAMES_OF_ONE_PLACE = [
  {
    what: 'the one that people write over the one that glibc has for itself',
    names: { __pthread_create_2_1: GLOBAL, pthread_create: WEAK },
    chosen: 'pthread_create',
  },
  { what: 'the shorter of two', names: { cfree: GLOBAL, free: GLOBAL }, chosen: 'free' },
  { what: 'an exported one over a local one', names: { part: LOCAL, _whole: WEAK }, chosen: '_whole' },
  { what: 'a global one over a weak one', names: { again: WEAK, against: GLOBAL }, chosen: 'against' },
]
for (const { what, names, chosen } of NAMES_OF_ONE_PLACE)
  it(`symbolAt() says of several names ${what}`, () => {
    for (const entries of [Object.entries(names), Object.entries(names).toReversed()]) {
      const image = imageOf(fixture('functions-x86_64.so'))
      const table = tableOf(entries)
      const effort = new Effort(10_000)
      const sorted = { table, symbols: new CodeSymbols(image, table, effort), effort }
      assert.equal(symbolAt(image, sorted, CODE + 4n)?.name, chosen)
    }
  })

/** Of functions of 16 bytes that all begin at {@link CODE}, by name and binding. */
function tableOf(functions: readonly [name: string, binding: number][]): SymbolTable {
  const names = Buffer.from(`\0${functions.map(([name]) => `${name}\0`).join('')}`)
  const entries = Buffer.concat(
    functions.map(([name, binding]) => entryOf(names.indexOf(`\0${name}\0`) + 1, binding)),
  )
  return {
    count: functions.length,
    entries: (first, count) => entries.subarray(first * 24, (first + count) * 24),
    namesBytes: names.length,
    names: (at, lengthBytes) => names.subarray(at, at + lengthBytes),
  }
}

function entryOf(nameAt: number, binding: number): Buffer {
  const entry = Buffer.alloc(24)
  entry.writeUInt32LE(nameAt, 0)
  entry[4] = (binding << 4) | 2
  entry.writeUInt16LE(1, 6)
  entry.writeBigUInt64LE(CODE, 8)
  entry.writeBigUInt64LE(16n, 16)
  return entry
}
