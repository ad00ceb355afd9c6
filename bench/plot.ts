/** Bars that lie below each other, of one unit, from zero. */
export interface Chart {
  readonly title: string
  readonly unit: string
  readonly bars: readonly Bar[]
}

interface Bar {
  readonly label: string
  readonly value: number
  /** The least and the most that was seen: a thin line over the bar. */
  readonly from: number
  readonly to: number
  readonly ours: boolean
}

const WIDTH = 860
const LABELS = 230
const VALUES = 90
const ROW = 22
const HEADING = 46
const MARGIN = 16

// Colours that are read on white and on black; the page's own background shows through.
const STYLE = `
  text { font: 13px system-ui, sans-serif; fill: #1f2328; }
  .title { font-weight: 600; font-size: 15px; }
  .theirs { fill: #8c959f; } .ours { fill: #2f81f7; }
  .range { stroke: #1f2328; stroke-width: 1.5; }
  @media (prefers-color-scheme: dark) { text { fill: #e6edf3; } .range { stroke: #e6edf3; } }
`

/** An SVG document. Each chart has a scale of its own. */
export function plot(title: string, charts: readonly Chart[]): string {
  const heights = charts.map(({ bars }) => HEADING + bars.length * ROW)
  const tops = heights.map((_, at) => MARGIN + heights.slice(0, at).reduce((sum, height) => sum + height, 0))
  const height = heights.reduce((sum, one) => sum + one, 2 * MARGIN)
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img">`,
    `<title>${escaped(title)}</title>`,
    `<style>${STYLE}</style>`,
    ...charts.flatMap((chart, at) => drawn(chart, tops[at] ?? 0)),
    '</svg>\n',
  ].join('\n')
}

function drawn({ title, unit, bars }: Chart, top: number): string[] {
  const most = Math.max(...bars.map(({ to }) => to), Number.MIN_VALUE)
  const scale = (WIDTH - LABELS - VALUES - MARGIN) / most
  return [
    `<text class="title" x="${MARGIN}" y="${top + 24}">${escaped(title)}</text>`,
    ...bars.flatMap((bar, at) => barAt(bar, { unit, scale, top: top + 34 + at * ROW })),
  ]
}

function barAt(bar: Bar, { unit, scale, top }: { unit: string; scale: number; top: number }): string[] {
  const x = (value: number) => (LABELS + value * scale).toFixed(1)
  const middle = top + 8
  return [
    `<text x="${LABELS - 8}" y="${top + 12}" text-anchor="end">${escaped(bar.label)}</text>`,
    `<rect class="${bar.ours ? 'ours' : 'theirs'}" x="${LABELS}" y="${top}" width="${(bar.value * scale).toFixed(1)}" height="16" rx="2"/>`,
    `<line class="range" x1="${x(bar.from)}" y1="${middle}" x2="${x(bar.to)}" y2="${middle}"/>`,
    `<text x="${(LABELS + bar.to * scale + 8).toFixed(1)}" y="${top + 12}">${bar.value.toFixed(2)} ${escaped(unit)}</text>`,
  ]
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '�')
}
