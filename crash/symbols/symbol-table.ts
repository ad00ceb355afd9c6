/** The symbols of an ELF file and their names, as they stand in it. Never throws. */
export interface SymbolTable {
  readonly count: number
  /** Elf64_Sym (elf(5)), `count` of them from number `first` on; `null`: they are not there. */
  entries(first: number, count: number): Buffer | null
  readonly namesBytes: number
  /** At most `lengthBytes` of the names, from `at` on; `null`: they are not there. */
  names(at: number, lengthBytes: number): Buffer | null
}

export const ENTRY_BYTES = 24
const SHN_UNDEF = 0
const [SHN_LORESERVE, SHN_XINDEX] = [0xff00, 0xffff]

/** Whether the entry at `at` has an address in the file, and is not another file's or a number. */
export function hasAddress(entries: Buffer, at: number): boolean {
  const section = entries.readUInt16LE(at + 6)
  return section !== SHN_UNDEF && (section < SHN_LORESERVE || section === SHN_XINDEX)
}
