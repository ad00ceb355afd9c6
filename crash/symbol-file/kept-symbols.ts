import type { ElfImage } from '../image/elf-image.ts'
import { debugData } from '../symbols/debug-data.ts'
import { Effort } from '../symbols/effort.ts'
import { ENTRY_BYTES, hasAddress, type SymbolTable } from '../symbols/symbol-table.ts'
import { symbolTables } from '../symbols/symbol-tables.ts'
import type { KeptSections } from './kept-sections.ts'

/** The symbols of functions, as `.symtab` and `.strtab` have them. */
export interface KeptSymbols {
  readonly symbols: Buffer
  readonly names: Buffer
  /** The local ones, which come first, with the empty one that a table begins with. */
  readonly localCount: number
  readonly count: number
}

const ENTRIES_AT_ONCE = 1 << 15
const [STT_NOTYPE, STT_FUNC, STT_GNU_IFUNC] = [0, 2, 10]
const STB_LOCAL = 0
/** Of aarch64: where code or data begins. */
const MAPPING = /^\$[adtx](?:\.|$)/

/** Of all tables that the file has: a program that was stripped has its own in `.gnu_debugdata`, or exports some. */
export function keptSymbols(image: ElfImage, sections: KeptSections): KeptSymbols {
  const [locals, globals, names] = [[] as Buffer[], [] as Buffer[], new Names()]
  const seen = new Set<string>()
  for (const entry of functionsIn(image)) {
    const index = sections.codeAt(entry.value)
    const key = `${entry.value} ${entry.name}`
    if (index === null || seen.has(key)) continue
    seen.add(key)
    const kept = Buffer.from(entry.bytes)
    kept.writeUInt32LE(names.offsetOf(entry.name), 0)
    kept.writeUInt16LE(index, 6)
    if (kept[4]! >> 4 === STB_LOCAL) locals.push(kept)
    else globals.push(kept)
  }
  return {
    symbols: Buffer.concat([Buffer.alloc(ENTRY_BYTES), ...locals, ...globals]),
    names: names.done(),
    localCount: locals.length + 1,
    count: locals.length + globals.length,
  }
}

interface FunctionEntry {
  readonly bytes: Buffer
  readonly value: bigint
  readonly name: string
}

function* functionsIn(image: ElfImage): Generator<FunctionEntry> {
  const mini = debugData(image, new Effort(Number.POSITIVE_INFINITY))
  for (const table of [image, mini].flatMap(one => (one === null ? [] : symbolTables(one))))
    yield* functionsOf(table)
}

function* functionsOf(table: SymbolTable): Generator<FunctionEntry> {
  const names = table.names(0, table.namesBytes) ?? Buffer.alloc(0)
  for (let first = 0; first < table.count; first += ENTRIES_AT_ONCE) {
    const entries = table.entries(first, Math.min(ENTRIES_AT_ONCE, table.count - first))
    if (entries === null) return
    for (let at = 0; at < entries.length; at += ENTRY_BYTES) {
      const name = isFunction(entries, at) ? nameAt(names, entries.readUInt32LE(at)) : ''
      if (name === '' || MAPPING.test(name)) continue
      yield { bytes: entries.subarray(at, at + ENTRY_BYTES), value: entries.readBigUInt64LE(at + 8), name }
    }
  }
}

/** Labels of assembler have no type. */
function isFunction(entries: Buffer, at: number): boolean {
  const type = entries[at + 4]! & 15
  return hasAddress(entries, at) && [STT_FUNC, STT_GNU_IFUNC, STT_NOTYPE].includes(type)
}

/** Byte for byte: what is no UTF-8 stays as it is. */
function nameAt(names: Buffer, at: number): string {
  const end = names.indexOf(0, at)
  return names.toString('latin1', at, end === -1 ? names.length : end)
}

/** Each name once. */
class Names {
  readonly #offsets = new Map<string, number>()
  readonly #pieces = ['\0']
  #length = 1

  offsetOf(name: string): number {
    const known = this.#offsets.get(name)
    if (known !== undefined) return known
    const offset = this.#length
    this.#offsets.set(name, offset)
    this.#pieces.push(`${name}\0`)
    this.#length += name.length + 1
    return offset
  }

  done(): Buffer {
    return Buffer.from(this.#pieces.join(''), 'latin1')
  }
}
