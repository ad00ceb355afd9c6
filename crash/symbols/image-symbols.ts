import type { ElfImage } from '../image/elf-image.ts'
import type { CodeSymbol } from './code-symbol.ts'
import { CodeSymbols } from './code-symbols.ts'
import type { Effort } from './effort.ts'
import { symbolAt } from './symbol-at.ts'
import type { SymbolTable } from './symbol-table.ts'
import { symbolTables } from './symbol-tables.ts'

/** The symbols of all tables of an image, each sorted when it is first asked. Never throws. */
export class ImageSymbols {
  readonly #image: ElfImage
  readonly #effort: Effort
  readonly #tables: readonly SymbolTable[]
  readonly #sorted = new Map<SymbolTable, CodeSymbols>()

  constructor(image: ElfImage, effort: Effort) {
    this.#image = image
    this.#effort = effort
    this.#tables = symbolTables(image)
  }

  /** That of the function that holds `address`, or `null`. */
  at(address: bigint): CodeSymbol | null {
    for (const table of this.#tables) {
      const found = symbolAt(
        this.#image,
        { table, symbols: this.#sortedOf(table), effort: this.#effort },
        address,
      )
      if (found !== null) return found
    }
    return null
  }

  #sortedOf(table: SymbolTable): CodeSymbols {
    const sorted = this.#sorted.get(table) ?? new CodeSymbols(this.#image, table, this.#effort)
    this.#sorted.set(table, sorted)
    return sorted
  }
}
