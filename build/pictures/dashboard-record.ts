import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { execa } from 'execa'
import { type Prometheus, startPrometheus } from '../../test/deploy/real-prometheus.ts'
import { findProgram } from '../../test/installed-program.ts'
import { DAY, scrapedDay } from './dashboard-day.ts'

const DASHBOARD = path.resolve(import.meta.dirname, '../../deploy/chart/monitoring/dashboard.json')
const FILE = path.join(import.meta.dirname, 'dashboard.txt')

/** A panel of the dashboard, and what its queries answered. */
export interface RecordedPanel {
  readonly title: string
  readonly unit: string
  /** Whether it shows one number, or lines over the day. */
  readonly isNumber: boolean
  readonly isStacked: boolean
  readonly series: readonly RecordedSeries[]
}

interface RecordedSeries {
  readonly name: string
  /** `null`: nothing then. */
  readonly values: readonly (number | null)[]
}

interface Panel {
  readonly type: string
  readonly title: string
  readonly fieldConfig: {
    readonly defaults: { readonly unit: string; readonly custom?: { readonly stacking?: object } }
  }
  readonly targets: readonly { readonly expr: string; readonly legendFormat?: string }[]
}

/** The panels of which a day of six nodes without webhook and coredog-api has something to show. */
const SHOWN = [
  ...['Nodes that collect', 'Nodes that would not', 'Crashes in a day', 'Cores lost in a day'],
  ...['Wait for the store', 'Wait for a chat', 'What became of the cores', 'Why they crashed', 'New crashes'],
  ...['How long a process is held', 'How long the store takes', 'Bytes of cores', 'How full spools are'],
  ...['Messages', 'The message that waits the longest'],
]

/** What Prometheus said when it was recorded: a panel's title, a series and its values in each line. */
export function recordedPanels(): readonly RecordedPanel[] {
  const lines = readFileSync(FILE, 'utf8').trimEnd().split('\n')
  const rows = lines.map(line => line.split('\t') as [string, string, string])
  return shownPanels().map(panel => ({
    ...looksOf(panel),
    series: rows
      .filter(([title]) => title === panel.title)
      .map(([, name, values]) => ({ name, values: values.split(' ').map(valueIn) })),
  }))
}

/** Asks a Prometheus anew; whether there is one. */
export async function recordDashboard(): Promise<boolean> {
  const said = await askDashboard()
  if (said !== null) writeFileSync(FILE, said)
  return said !== null
}

/** What a Prometheus that knows that day says to the queries of the dashboard; `null`: there is none. */
export async function askDashboard(): Promise<string | null> {
  const [prometheus, promtool] = [findProgram('prometheus'), findProgram('promtool')]
  if (prometheus === null || promtool === null) return null
  const folder = mkdtempSync(path.join(tmpdir(), 'coredog-pictures-'))
  try {
    const [scraped, blocks] = [path.join(folder, 'scraped.txt'), path.join(folder, 'blocks')]
    writeFileSync(scraped, await scrapedDay())
    await execa(promtool, ['tsdb', 'create-blocks-from', 'openmetrics', scraped, blocks])
    await using server = await startPrometheus(prometheus, {
      targets: [],
      honorLabels: true,
      rules: {},
      blocks,
    })
    const lines: string[] = []
    for (const panel of shownPanels()) lines.push(...(await linesOf(panel, server)))
    return `${lines.join('\n')}\n`
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function linesOf({ title, type, targets }: Panel, { range }: Prometheus): Promise<readonly string[]> {
  const lines: string[] = []
  for (const { expr, legendFormat = '' } of targets) {
    const end = DAY.start.getTime() / 1000 + DAY.seconds
    const span = type === 'stat' ? 0 : DAY.seconds
    for (const { labels, values } of await range(expr, { start: end - span, end, step: DAY.stepSeconds })) {
      const name = legendFormat.replace(/{{(\w+)}}/g, (_, label) => labels[label] ?? '')
      lines.push([title, name, values.map(textOf).join(' ')].join('\t'))
    }
  }
  return lines.toSorted()
}

function shownPanels(): readonly Panel[] {
  const { panels } = JSON.parse(readFileSync(DASHBOARD, 'utf8')) as { panels: readonly Panel[] }
  return panels.filter(({ title }) => SHOWN.includes(title))
}

function looksOf({ title, type, fieldConfig: { defaults } }: Panel): Omit<RecordedPanel, 'series'> {
  const isStacked = defaults.custom?.stacking !== undefined
  return { title, unit: defaults.unit, isNumber: type === 'stat', isStacked }
}

/** Four digits are more than a picture shows. */
function textOf(value: number | null): string {
  return value === null ? '-' : String(Number(value.toPrecision(4)))
}

function valueIn(text: string): number | null {
  return text === '-' ? null : Number(text)
}
