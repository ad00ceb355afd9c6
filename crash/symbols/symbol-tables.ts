import type { ElfImage } from '../image/elf-image.ts'
import type { Section } from '../image/section.ts'
import { dynamicSymbols } from './dynamic-symbols.ts'
import { ENTRY_BYTES, type SymbolTable } from './symbol-table.ts'

const [SHT_SYMTAB, SHT_DYNSYM] = [2, 11]

/** The tables of an image, that which has more of its functions first. */
export function symbolTables(image: ElfImage): readonly SymbolTable[] {
  return [ofType(image, SHT_SYMTAB), exportedSymbols(image)].filter(table => table !== null)
}

/** Those that other files may use: they stay where a file is stripped. */
export function exportedSymbols(image: ElfImage): SymbolTable | null {
  return ofType(image, SHT_DYNSYM) ?? dynamicSymbols(image)
}

function ofType(image: ElfImage, wanted: number): SymbolTable | null {
  const symbols = image.sections.find(({ type }) => type === wanted)
  const names = symbols === undefined ? undefined : image.sections[symbols.link]
  return symbols === undefined || names === undefined ? null : inSections(image, symbols, names)
}

function inSections(image: ElfImage, symbols: Section, names: Section): SymbolTable {
  return {
    count: Math.floor(symbols.fileBytes / ENTRY_BYTES),
    entries(first, count) {
      const bytes = image.read(symbols, first * ENTRY_BYTES, count * ENTRY_BYTES)
      return bytes?.length === count * ENTRY_BYTES ? bytes : null
    },
    namesBytes: names.fileBytes,
    names: (at, lengthBytes) => image.read(names, at, lengthBytes),
  }
}
