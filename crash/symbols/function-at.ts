import { plain } from '../../untrusted/plain-text.ts'
import type { ElfImage } from '../image/elf-image.ts'
import { CodeSymbols } from './code-symbols.ts'
import { debugData } from './debug-data.ts'
import { demangled } from './demangle.ts'
import { GoFunction, type GoSource } from './go-function.ts'
import { GoTable } from './go-table.ts'
import { SourceLines } from './source-lines.ts'
import { symbolAt } from './symbol-at.ts'
import { addressOfSymbol } from './symbol-by-name.ts'
import type { SymbolTable } from './symbol-table.ts'
import { symbolTables } from './symbol-tables.ts'

/** The function that holds an address. */
export interface FunctionName {
  /** Demangled, and as it may be shown; at most {@link LONGEST_NAME} characters. */
  readonly name: string
  /** Where it begins, as the program headers have addresses. */
  readonly start: bigint
  readonly file?: string
  readonly line?: number
  /** What was inlined there into the function, the innermost first. */
  readonly inlined?: readonly Omit<FunctionName, 'start' | 'inlined'>[]
}

export const LONGEST_NAME = 512

/**
 * What the code of an ELF file is called. It keeps what it has sorted, so one of these serves all threads of
 * a crash. Never throws.
 */
export class Symbols {
  readonly #image: ElfImage
  #go: GoTable | null | undefined
  #lines: SourceLines | undefined
  #tables: readonly IndexedTable[] | undefined
  #more: readonly IndexedTable[] | undefined

  constructor(image: ElfImage) {
    this.#image = image
  }

  /** `address` as the program headers have it. `null`: nothing names what is there. */
  functionAt(address: bigint): FunctionName | null {
    const ofGo = this.#ofGo(address)
    if (ofGo !== null) return ofGo
    const symbol = this.#symbolAt(address)
    return symbol && { ...symbol, ...this.#lineAt(address) }
  }

  #symbolAt(address: bigint): FunctionName | null {
    this.#tables ??= indexed(this.#image)
    return firstOf(this.#tables, address) ?? firstOf(this.#moreTables(), address)
  }

  /** Decompressed only where nothing else knows the address. */
  #moreTables(): readonly IndexedTable[] {
    if (this.#more === undefined) {
      const image = debugData(this.#image)
      this.#more = image === null ? [] : indexed(image)
    }
    return this.#more
  }

  #lineAt(address: bigint): Pick<FunctionName, 'file' | 'line'> {
    this.#lines ??= new SourceLines(this.#image)
    const found = this.#lines.at(address)
    return found === null ? {} : { file: plain(found.file, LONGEST_NAME), line: found.line }
  }

  #ofGo(address: bigint): FunctionName | null {
    if (this.#go === undefined) this.#go = GoTable.open(this.#image)
    const found = this.#go && GoFunction.at(this.#go, address)
    const [own, ...inlined] = found?.sources(address).map(shown).toReversed() ?? []
    if (found === null || own === undefined) return null
    return { ...own, start: found.start, ...(inlined.length > 0 && { inlined: inlined.toReversed() }) }
  }

  /** Where a function or variable of that very name lies, as the program headers have addresses. */
  addressOf(symbol: string): bigint | null {
    // The dynamic one is the smaller one, and has what a library is known for.
    for (const table of symbolTables(this.#image).toReversed()) {
      const address = addressOfSymbol(table, symbol)
      if (address !== null) return address
    }
    return null
  }
}

function shown({ name, file, ...line }: GoSource): GoSource {
  return {
    name: plain(name, LONGEST_NAME),
    ...(file !== undefined && { file: plain(file, LONGEST_NAME) }),
    ...line,
  }
}

function indexed(image: ElfImage): readonly IndexedTable[] {
  return symbolTables(image).map(table => new IndexedTable(image, table))
}

function firstOf(tables: readonly IndexedTable[], address: bigint): FunctionName | null {
  for (const table of tables) {
    const found = table.functionAt(address)
    if (found !== null) return found
  }
  return null
}

/** A table, sorted when it is first asked. */
class IndexedTable {
  readonly #image: ElfImage
  readonly #table: SymbolTable
  #sorted: CodeSymbols | undefined

  constructor(image: ElfImage, table: SymbolTable) {
    this.#image = image
    this.#table = table
  }

  functionAt(address: bigint): FunctionName | null {
    this.#sorted ??= new CodeSymbols(this.#image, this.#table)
    const symbol = symbolAt(this.#image, this.#table, this.#sorted, address)
    return symbol && { name: plain(demangled(symbol.name), LONGEST_NAME), start: symbol.start }
  }
}
