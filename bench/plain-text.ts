import type { Table } from './table.ts'

/** For a terminal: the first column to the left, numbers to the right. */
export function plainText({ title, columns, rows, notes }: Table): string {
  const all = [columns, ...rows]
  const widths = columns.map((_, at) => Math.max(...all.map(row => row[at]?.length ?? 0)))
  const line = (row: readonly string[]) => row.map((text, at) => padded(text, at, widths[at] ?? 0)).join('  ')
  return `${[title, '', ...all.map(line), '', ...notes].join('\n')}\n`
}

function padded(text: string, column: number, width: number): string {
  return column === 0 ? text.padEnd(width) : text.padStart(width)
}
