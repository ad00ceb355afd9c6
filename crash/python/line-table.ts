/** How an entry begins: this bit, which no other byte of it has; its kind; and how many units of code it is of. */
const BEGINNING = 0x80
const UNIT_BYTES = 2
/** The kinds, by how they say on which line it is (Objects/locations.md of 3.11): the same, and one of the next two. */
const [ONE_LINE_FIRST, ONE_LINE_LAST] = [10, 12]
const [NO_COLUMNS, LONG, NO_LOCATION] = [13, 14, 15]

/**
 * The line of the code at `offset`, by co_linetable of CPython since 3.11. `null`: it has none, or the table, or what
 * is there of it, ends before.
 */
export function lineIn(table: Uint8Array, firstLine: number, offset: number): number | null {
  let [line, end] = [firstLine, 0]
  for (let at = 0; at < table.length; ) {
    const head = table[at] ?? 0
    if ((head & BEGINNING) === 0) return null
    const kind = (head >> 3) & 15
    end += ((head & 7) + 1) * UNIT_BYTES
    line += linesOf(kind, table, at + 1)
    if (offset < end) return kind === NO_LOCATION || !isLine(line) ? null : line
    do at += 1
    while (at < table.length && ((table[at] ?? 0) & BEGINNING) === 0)
  }
  return null
}

function linesOf(kind: number, table: Uint8Array, at: number): number {
  if (kind >= ONE_LINE_FIRST && kind <= ONE_LINE_LAST) return kind - ONE_LINE_FIRST
  return kind === NO_COLUMNS || kind === LONG ? signedAt(table, at) : 0
}

const [MORE, SIX_BITS] = [0x40, 0x3f]
/** Of 32 bits. */
const MOST_BYTES = 6

/** Six bits a byte, the lowest first; the lowest of all is the sign. */
function signedAt(table: Uint8Array, from: number): number {
  let value = 0
  for (let index = 0; index < MOST_BYTES; index += 1) {
    const byte = table[from + index] ?? 0
    value += (byte & SIX_BITS) * 2 ** (6 * index)
    if ((byte & MORE) === 0) break
  }
  const amount = Math.floor(value / 2)
  return value % 2 === 0 ? amount : -amount
}

function isLine(line: number): boolean {
  return line > 0 && line < 2 ** 31
}
