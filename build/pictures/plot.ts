import type { RecordedPanel } from './dashboard-record.ts'
import { escaped, type Html } from './html.ts'

export const PLOT = { width: 218, height: 102 } as const

const COLOURS = ['#0969da', '#9a6700', '#1a7f37', '#cf222e', '#8250df', '#57606a']
/** So many fit below a plot. */
const MOST_NAMES = 4
const HOURS = ['00:00', '06:00', '12:00', '18:00', '24:00']
const UNITS: Readonly<Record<string, readonly (readonly [number, string])[]>> = {
  s: [
    [3600, ' h'],
    [60, ' min'],
    [1, ' s'],
    [0.001, ' ms'],
  ],
  bytes: [
    [2 ** 30, ' GiB'],
    [2 ** 20, ' MiB'],
  ],
  percentunit: [[0.01, ' %']],
}

/** The lines of a panel over the day, its axes, and what each line is. */
export function plotted({ unit, isStacked, series }: RecordedPanel): readonly Html[] {
  const lines = series.map(({ values }) => values.map(value => value ?? 0))
  const tops = isStacked ? sums(lines) : lines
  const most = Math.max(...tops.flat()) || 1
  const scale = { most, steps: (lines[0]?.length ?? 2) - 1 }
  return [
    ...[1, 0.5, 0].map(share => level(share, shown(share * most, unit))),
    ...HOURS.map(hourDrawn),
    ...tops.flatMap((top, at) =>
      drawnLine(top, tops[at - 1], COLOURS[at % COLOURS.length] ?? '', isStacked, scale),
    ),
    legend(series.map(({ name }) => name)),
  ]
}

/** Each with all those before it. */
function sums(lines: readonly (readonly number[])[]): readonly (readonly number[])[] {
  return lines.map((line, at) =>
    line.map((_, step) => lines.slice(0, at + 1).reduce((sum, other) => sum + (other[step] ?? 0), 0)),
  )
}

interface Scale {
  readonly most: number
  readonly steps: number
}

function drawnLine(
  top: readonly number[],
  below: readonly number[] | undefined,
  colour: string,
  isStacked: boolean,
  scale: Scale,
): readonly Html[] {
  const points = pointsOf(top, scale)
  const line = `<polyline stroke="${colour}" points="${points.join(' ')}"/>`
  const floor = pointsOf(below ?? top.map(() => 0), scale).toReversed()
  return isStacked
    ? [`<polygon fill="${colour}" points="${[...points, ...floor].join(' ')}"/>`, line]
    : [line]
}

function pointsOf(values: readonly number[], { most, steps }: Scale): string[] {
  return values.map((value, step) => {
    const [x, y] = [(step / steps) * PLOT.width, PLOT.height * (1 - value / most)]
    return `${x.toFixed(1)},${y.toFixed(1)}`
  })
}

function level(share: number, text: string): Html {
  const y = PLOT.height * (1 - share)
  const line = `<line x1="0" x2="${PLOT.width}" y1="${y}" y2="${y}"/>`
  return `${line}<text x="-6" y="${y + 4}" text-anchor="end">${escaped(text)}</text>`
}

function hourDrawn(hour: string, at: number): Html {
  const x = (at / (HOURS.length - 1)) * PLOT.width
  return `<text x="${x}" y="${PLOT.height + 15}" text-anchor="middle">${hour}</text>`
}

function legend(names: readonly string[]): Html {
  const shownNames = names.length > MOST_NAMES ? [...names.slice(0, MOST_NAMES - 1), '…'] : names
  const spans = shownNames.map(
    (name, at) =>
      `<tspan dx="8" fill="${COLOURS[at % COLOURS.length]}">■ </tspan><tspan>${escaped(name)}</tspan>`,
  )
  return `<text x="-10" y="${PLOT.height + 34}">${spans.join('')}</text>`
}

function shown(value: number, unit: string): string {
  if (value === 0) return '0'
  const units = UNITS[unit] ?? []
  const [size, name] = units.find(([least]) => value > 0.95 * least) ?? units.at(-1) ?? [1, '']
  return `${Number((value / size).toPrecision(2))}${name}`
}
