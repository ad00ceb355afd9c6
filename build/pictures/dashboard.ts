import type { RecordedPanel } from './dashboard-record.ts'
import { escaped, type Html } from './html.ts'
import { PLOT, plotted } from './plot.ts'

const COLUMNS = 3
const GAP = 10
const NUMBER = { width: 136, height: 62 }
const CARD = { width: 282, height: 176 }
const WIDTH = COLUMNS * (CARD.width + GAP) + GAP

const STYLE = `
  text { font: 11px system-ui, 'Noto Sans', 'Noto Sans CJK SC', sans-serif; fill: #57606a; }
  .title { font-weight: 600; fill: #1f2328; } .number { font-size: 24px; font-weight: 600; fill: #1a7f37; }
  .paper { fill: #f6f8fa; stroke: #d0d7de; } .card { fill: #ffffff; stroke: #d0d7de; }
  line { stroke: #d8dee4; } polyline { fill: none; stroke-width: 1.5; } polygon { fill-opacity: 0.35; stroke: none; }
`

/** An SVG document: the panels of the dashboard, six numbers and below them what went on over a day. */
export function dashboardDrawn(panels: readonly RecordedPanel[]): string {
  const numbers = panels.filter(({ isNumber }) => isNumber)
  const charts = panels.filter(({ isNumber }) => !isNumber)
  const top = GAP + NUMBER.height + GAP
  const height = top + Math.ceil(charts.length / COLUMNS) * (CARD.height + GAP)
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img">`,
    '<title>The dashboard of CoreDog</title>',
    `<style>${STYLE}</style>`,
    `<rect class="paper" x="0.5" y="0.5" width="${WIDTH - 1}" height="${height - 1}" rx="8"/>`,
    ...numbers.map((panel, at) => numberDrawn(panel, GAP + at * (NUMBER.width + GAP))),
    ...charts.map((panel, at) => {
      const [column, row] = [at % COLUMNS, Math.floor(at / COLUMNS)]
      return chartDrawn(panel, GAP + column * (CARD.width + GAP), top + row * (CARD.height + GAP))
    }),
    '</svg>\n',
  ].join('\n')
}

function numberDrawn({ title, series }: RecordedPanel, x: number): Html {
  const value = series[0]?.values.at(-1) ?? 0
  return [
    `<g transform="translate(${x} ${GAP})">`,
    `<rect class="card" width="${NUMBER.width}" height="${NUMBER.height}" rx="4"/>`,
    `<text class="title" x="10" y="19">${escaped(title)}</text>`,
    `<text class="number" x="10" y="49">${escaped(String(Math.round(value)))}</text>`,
    '</g>',
  ].join('\n')
}

function chartDrawn(panel: RecordedPanel, x: number, y: number): Html {
  return [
    `<g transform="translate(${x} ${y})">`,
    `<rect class="card" width="${CARD.width}" height="${CARD.height}" rx="4"/>`,
    `<text class="title" x="10" y="19">${escaped(panel.title)}</text>`,
    `<g transform="translate(${CARD.width - PLOT.width - 12} 30)">`,
    ...plotted(panel),
    '</g>',
    '</g>',
  ].join('\n')
}
