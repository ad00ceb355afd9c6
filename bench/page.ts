import { OperatorError } from '../crash/errors.ts'
import type { Table } from './table.ts'

/** `page` with `text` between the marks of `part`, in place of what stood there. */
export function withPart(page: string, part: string, text: string): string {
  const begin = `<!-- bench:${part} -->`
  const end = `<!-- /bench:${part} -->`
  const from = page.indexOf(begin)
  const to = page.indexOf(end)
  if (from < 0 || to < from)
    throw new OperatorError(
      `Cannot write the results of "${part}": the page has no place for them`,
      `Put ${begin} and ${end} into it.`,
    )
  return `${page.slice(0, from + begin.length)}\n\n${text.trim()}\n\n${page.slice(to)}`
}

/** With headings, where there are several. */
export function markdown(tables: readonly Table[]): string {
  const texts = tables.map(table =>
    tables.length > 1 ? `### ${cell(table.title)}\n\n${drawn(table)}` : drawn(table),
  )
  return texts.join('\n\n')
}

/** As GitHub draws it: what begins with a digit everywhere to the right, but the first column. */
function drawn({ columns, rows, notes }: Table): string {
  const rule = columns.map((_, at) => (at > 0 && isNumeric(rows, at) ? '---:' : '---'))
  const lines = [columns.map(cell), rule, ...rows.map(row => row.map(cell))]
  const table = lines.map(line => `| ${line.join(' | ')} |`).join('\n')
  return [table, ...notes.map(cell)].join('\n\n')
}

function isNumeric(rows: Table['rows'], column: number): boolean {
  return rows.length > 0 && rows.every(row => /^(?:\d|$)/.test(row[column] ?? ''))
}

function cell(text: string): string {
  return text
    .replace(/\s+/g, ' ')
    .replaceAll('\\', '\\\\')
    .replaceAll('|', String.raw`\|`)
    .replaceAll('<', '&lt;')
    .replaceAll('*', String.raw`\*`)
}

/** As it stands below the tables: where a program lies on this machine is nobody's concern. */
export function commandLine(argv: readonly string[]): string {
  const words = argv.map(word => word.replace(/^--composer=.*/s, '--composer=PATH'))
  return ['npm run bench --', ...words].join(' ').replaceAll('`', '')
}
