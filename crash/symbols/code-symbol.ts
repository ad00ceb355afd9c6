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

/** As elfutils prefers them: global over weak over local. Then what people write, `raise` over `__raise`. */
function rankOf(info: number, name: string): number {
  const binding = info >> 4
  const byBinding = binding === STB_GLOBAL ? 2 : binding === STB_WEAK ? 1 : 0
  return byBinding * 4 + ((info & 15) === STT_NOTYPE ? 0 : 2) + (name.startsWith('_') ? 0 : 1)
}
