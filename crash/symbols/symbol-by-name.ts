import { ENTRY_BYTES, hasAddress, type SymbolTable } from './symbol-table.ts'

const LARGEST_NAMES_BYTES = 64 * 1024 * 1024
const NAMES_AT_ONCE_BYTES = 1 << 20
const ENTRIES_AT_ONCE = 1 << 15
const MOST_SYMBOLS = 1 << 21
/** A name stands once, or behind others that end with it. */
const MOST_PLACES = 64
const STT_FUNC = 2

/** The address of a variable or function, as the program headers have it. */
export function addressOfSymbol(table: SymbolTable, name: string): bigint | null {
  const places = placesOf(table, Buffer.from(`${name}\0`))
  const count = places.size === 0 ? 0 : Math.min(table.count, MOST_SYMBOLS)
  for (let first = 0; first < count; first += ENTRIES_AT_ONCE) {
    const entries = table.entries(first, Math.min(ENTRIES_AT_ONCE, count - first))
    if (entries === null) return null
    for (let at = 0; at < entries.length; at += ENTRY_BYTES)
      if (
        places.has(entries.readUInt32LE(at)) &&
        hasAddress(entries, at) &&
        (entries[at + 4]! & 15) <= STT_FUNC
      )
        return entries.readBigUInt64LE(at + 8)
  }
  return null
}

/** Where the name stands among the names; they are too many to be read at once. */
function placesOf(table: SymbolTable, wanted: Buffer): ReadonlySet<number> {
  const places = new Set<number>()
  const end = Math.min(table.namesBytes, LARGEST_NAMES_BYTES)
  for (let from = 0; from < end; from += NAMES_AT_ONCE_BYTES) {
    const names = table.names(from, Math.min(NAMES_AT_ONCE_BYTES + wanted.length - 1, end - from))
    if (names === null) break
    for (let at = names.indexOf(wanted); at !== -1; at = names.indexOf(wanted, at + 1)) {
      places.add(from + at)
      if (places.size === MOST_PLACES) return places
    }
  }
  return places
}
