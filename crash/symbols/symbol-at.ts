import type { ElfImage } from '../image/elf-image.ts'
import { type CodeSymbol, codeSymbol } from './code-symbol.ts'
import type { CodeSymbols } from './code-symbols.ts'
import type { SymbolTable } from './symbol-table.ts'

/** A symbol has some names; each is read to choose the best. */
const MOST_NAMES = 64

/**
 * The function that holds `address`, or else the label before it, which must be in the same section: behind
 * it comes what has no symbols, as the table of the linker.
 */
export function symbolAt(
  image: ElfImage,
  table: SymbolTable,
  symbols: CodeSymbols,
  address: bigint,
): CodeSymbol | null {
  const holding = bestOfFirst(table, symbols.holding(address))
  if (holding !== null) return holding
  const label = bestOfFirst(table, symbols.labelsBefore(address))
  return label !== null && isInSection(image, label.sectionIndex, address) ? label : null
}

/** Of those that begin where the first one does. */
function bestOfFirst(table: SymbolTable, numbers: Iterable<number>): CodeSymbol | null {
  let [best, lookedAt] = [null as CodeSymbol | null, 0]
  for (const number of numbers) {
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
