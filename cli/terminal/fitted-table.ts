import { plain } from '../../untrusted/plain-text.ts'
import { table } from './table.ts'
import { cutToWidth, widthOf } from './width.ts'

interface Fit {
  /** Of the terminal. */
  readonly columns: number
  /** Names of the columns of words, in the order in which they give way. */
  readonly movable: readonly string[]
}

const INDENT = '  '
const NONE = '-'

/**
 * As {@link table}, for a terminal that would break its lines: as many of `movable` as have to stand on a line of their
 * own, below their row. What is too long for that one, too, is cut.
 */
export function fittedTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  { columns, movable }: Fit,
): string {
  for (let count = 0; ; count += 1) {
    const moved = movable.slice(0, count).map(name => head.indexOf(name))
    const above = table(...without(moved, head, rows))
    if (widestOf(above) > columns && count < movable.length) continue
    return count === 0
      ? above
      : withBelow(
          above,
          moved.toSorted((one, other) => one - other),
          rows,
          columns,
        )
  }
}

function without(
  moved: readonly number[],
  head: readonly string[],
  rows: readonly (readonly string[])[],
): [readonly string[], readonly (readonly string[])[]] {
  const stays = (_: string, column: number) => !moved.includes(column)
  return [head.filter(stays), rows.map(row => row.filter(stays))]
}

function withBelow(
  above: string,
  moved: readonly number[],
  rows: readonly (readonly string[])[],
  columns: number,
): string {
  const [head = '', ...lines] = linesOf(above)
  const below = rows.map(row => wordsOf(row, moved, columns))
  return `${head}\n${lines.map((line, at) => `${line}\n${below[at]}`).join('')}`
}

function wordsOf(row: readonly string[], moved: readonly number[], columns: number): string {
  const words = moved.map(column => row[column] ?? NONE).filter(cell => cell !== NONE)
  if (words.length === 0) return ''
  return `${INDENT}${cutToWidth(words.map(word => plain(word)).join('   '), columns - INDENT.length)}\n`
}

function widestOf(text: string): number {
  return Math.max(...linesOf(text).map(widthOf))
}

function linesOf(text: string): readonly string[] {
  return text.trimEnd().split('\n')
}
