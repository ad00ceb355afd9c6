import { shownText } from '../../untrusted/shown-text.ts'
import { lengthOfText } from '../elf.ts'
import type { SymbolTable } from './symbol-table.ts'

/** A symbol of code, as its table has it. */
export interface CodeSymbol {
  readonly name: string
  /** As the program headers have addresses. */
  readonly start: bigint
  readonly sectionIndex: number
  /** How good a name it is, among those of one place. */
  readonly rank: number
}

/** A name is longer than that where templates are nested for its own sake; it is no name for people then. */
const LONGEST_NAME_BYTES = 4096
const [STB_GLOBAL, STB_WEAK] = [1, 2]
const STT_NOTYPE = 0
/** Of aarch64 and others: where code or data begins, which is no function. */
const MAPPING = /^\$[adtx](?:\.|$)/
const VERSION = /@{1,2}[A-Za-z_][\w.]*$/

/** `null`: there is none of that number, or it names nothing. */
export function codeSymbol(table: SymbolTable, number: number): CodeSymbol | null {
  const entry = table.entries(number, 1)
  const name = entry === null ? '' : nameAt(table, entry.readUInt32LE(0))
  if (entry === null || name === '' || MAPPING.test(name)) return null
  return {
    name,
    start: entry.readBigUInt64LE(8),
    sectionIndex: entry.readUInt16LE(6),
    rank: rankOf(entry[4]!, name),
  }
}

function nameAt(table: SymbolTable, at: number): string {
  const bytes = table.names(at, LONGEST_NAME_BYTES) ?? Buffer.alloc(0)
  return shownText(bytes.subarray(0, lengthOfText(bytes))).replace(VERSION, '')
}

/**
 * Exported over local; then what people write: `raise` over `__raise`, `pthread_create`, which is weak in a static
 * program, over `__pthread_create_2_1`; then global over weak, and the shorter one: `free` over `cfree`, which glibc
 * keeps for old programs.
 */
function rankOf(info: number, name: string): number {
  const binding = info >> 4
  const isExported = binding === STB_GLOBAL || binding === STB_WEAK
  const signs = [isExported, (info & 15) !== STT_NOTYPE, !name.startsWith('_'), binding === STB_GLOBAL]
  return signs.reduce((rank, sign) => rank * 2 + Number(sign), 0) - name.length / LONGEST_NAME_BYTES / 2
}
