import { plain } from '../../untrusted/plain-text.ts'
import type { ElfImage } from '../image/elf-image.ts'
import type { CodeSymbol } from './code-symbol.ts'
import { debugData } from './debug-data.ts'
import { demangled } from './demangle.ts'
import { Effort, INLINED_STEPS, LINES_STEPS, MODULE_STEPS } from './effort.ts'
import { GoFunction, type GoSource } from './go-function.ts'
import { GoTable } from './go-table.ts'
import { ImageSymbols } from './image-symbols.ts'
import { SourceLines } from './source-lines.ts'
import { addressOfSymbol } from './symbol-by-name.ts'
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
  /** Whether only debug information says so, which the same program may come without. */
  readonly isInlinedByDebug?: true
}

export const LONGEST_NAME = 512

/**
 * What the code of an ELF file is called. It keeps what it has sorted, so one of these serves all threads of
 * a crash; when it has done as much as it may, nothing has a name any more. Never throws.
 */
export class Symbols {
  readonly #image: ElfImage
  readonly #effort: Effort
  #go: GoTable | null | undefined
  #lines: SourceLines | undefined
  #own: ImageSymbols | undefined
  #more: ImageSymbols | null | undefined

  constructor(image: ElfImage, effort = new Effort(MODULE_STEPS)) {
    this.#image = image
    this.#effort = effort
  }

  /** `address` as the program headers have it. `null`: nothing names what is there. */
  functionAt(address: bigint): FunctionName | null {
    const ofGo = this.#ofGo(address)
    if (ofGo !== null) return ofGo
    const symbol = this.#symbolAt(address)
    if (symbol === null) return null
    const name = plain(demangled(symbol.name), LONGEST_NAME)
    return { name, start: symbol.start, ...this.#sourceAt(address) }
  }

  #symbolAt(address: bigint): CodeSymbol | null {
    this.#own ??= new ImageSymbols(this.#image, this.#effort)
    return this.#own.at(address) ?? this.#ofDebugData(address)
  }

  /** It is decompressed only where nothing else knows an address. */
  #ofDebugData(address: bigint): CodeSymbol | null {
    if (this.#more === undefined) {
      const image = debugData(this.#image, this.#effort)
      this.#more = image && new ImageSymbols(image, this.#effort)
    }
    return this.#more?.at(address) ?? null
  }

  #sourceAt(address: bigint): Omit<FunctionName, 'name' | 'start'> {
    const part = (steps: number) => this.#effort.part(steps)
    this.#lines ??= new SourceLines(this.#image, part(LINES_STEPS), part(INLINED_STEPS))
    const { inlined, ...own } = this.#lines.at(address)
    const names = inlined.map(shown)
    return { ...shownPlace(own), ...(names.length > 0 && { inlined: names, isInlinedByDebug: true }) }
  }

  #ofGo(address: bigint): FunctionName | null {
    if (this.#go === undefined) this.#go = GoTable.open(this.#image, this.#effort)
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

function shown({ name, ...place }: GoSource): GoSource {
  return { name: plain(name, LONGEST_NAME), ...shownPlace(place) }
}

function shownPlace({ file, ...line }: Omit<GoSource, 'name'>): Omit<GoSource, 'name'> {
  return { ...(file !== undefined && { file: plain(file, LONGEST_NAME) }), ...line }
}
