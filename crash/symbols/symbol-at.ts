import type { ElfImage } from '../image/elf-image.ts'
import { type CodeSymbol, codeSymbol } from './code-symbol.ts'
import type { CodeSymbols } from './code-symbols.ts'
import type { Effort } from './effort.ts'
import type { SymbolTable } from './symbol-table.ts'

/** A symbol has some names; each is read to choose the best. */
const MOST_NAMES = 64
/** To pass over what does not hold an address, and to read the longest name. */
const [STEPS_A_SEARCH, STEPS_A_NAME] = [100, 100]

/** A table, its symbols in order, and what may be done to look there. */
export interface SortedTable {
  readonly table: SymbolTable
  readonly symbols: CodeSymbols
  readonly effort: Effort
}

/**
 * The function that holds `address`, or else the label before it, which must be in the same section: behind
 * it comes what has no symbols, as the table of the linker.
 */
export function symbolAt(image: ElfImage, sorted: SortedTable, address: bigint): CodeSymbol | null {
  const { symbols, effort } = sorted
  if (!effort.spend(STEPS_A_SEARCH)) return null
  const holding = bestOfFirst(sorted, symbols.holding(address))
  if (holding !== null) return holding
  const label = bestOfFirst(sorted, symbols.labelsBefore(address))
  return label !== null && isInSection(image, label.sectionIndex, address) ? label : null
}

/** Of those that begin where the first one does. */
function bestOfFirst({ table, effort }: SortedTable, numbers: Iterable<number>): CodeSymbol | null {
  let [best, lookedAt] = [null as CodeSymbol | null, 0]
  for (const number of numbers) {
    if (!effort.spend(STEPS_A_NAME)) break
    const symbol = codeSymbol(table, number)
    if (best !== null && symbol !== null && symbol.start !== best.start) break
    if (symbol !== null && (best === null || symbol.rank > best.rank)) best = symbol
    lookedAt += 1
    if (lookedAt === MOST_NAMES) break
  }
  return best
}

function isInSection({ sections }: ElfImage, index: number, address: bigint): boolean {
  const section = sections[index]
  if (section === undefined) return false
  return address >= section.address && address < section.address + BigInt(section.fileBytes)
}
