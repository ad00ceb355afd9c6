import { plain } from '../../untrusted/plain-text.ts'
import { widthOf } from './width.ts'

/** Columns that line up, three spaces apart, as kubectl's. Cells are strangers' words: they are shown plain. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, ...rows.map(row => row.map(cell => plain(cell)))]
  const widths = head.map((_, column) => Math.max(...lines.map(line => widthOf(line[column] ?? ''))))
  return lines.map(line => `${lineOf(line, widths)}\n`).join('')
}

function lineOf(cells: readonly string[], widths: readonly number[]): string {
  const padded = cells.map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - widthOf(cell)))
  return padded.join('   ').trimEnd()
}
