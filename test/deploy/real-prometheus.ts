import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { eventually } from '../e2e/eventually.ts'
import { freePort } from '../free-port.ts'

/** What to say where there is none. */
export const NO_PROMETHEUS = 'prometheus is not installed; .ci/install builds it'

const START_SECONDS = 120

/** What is scraped, with the labels that it gets for that. */
export interface Target {
  readonly port: number
  readonly labels: Readonly<Record<string, string>>
}

interface Sample {
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

interface Line {
  readonly labels: Readonly<Record<string, string>>
  /** One for each step; `null`: nothing then. */
  readonly values: readonly (number | null)[]
}

/** In seconds of Unix time. */
interface Span {
  readonly start: number
  readonly end: number
  readonly step: number
}

/** A Prometheus that scrapes once a second. */
export interface Prometheus extends AsyncDisposable {
  readonly query: (expression: string) => Promise<readonly Sample[]>
  readonly range: (expression: string, span: Span) => Promise<readonly Line[]>
  /** The names of alerts that have come, or will if it goes on. */
  readonly alerts: () => Promise<readonly string[]>
}

interface Scraping {
  readonly targets: readonly Target[]
  readonly honorLabels: boolean
  /** Groups of rules, as in a file of rules. */
  readonly rules: object
  /** Folder of what it knows from before. */
  readonly blocks?: string
}

export async function startPrometheus(program: string, scraping: Scraping): Promise<Prometheus> {
  const folder = mkdtempSync(path.join(tmpdir(), 'coredog-prometheus-'))
  writeFileSync(path.join(folder, 'rules.json'), JSON.stringify(scraping.rules))
  writeFileSync(path.join(folder, 'config.json'), JSON.stringify(configOf(scraping)))
  const port = await freePort()
  const stop = launch(program, folder, port, scraping.blocks)
  const ask = (where: string, query: Record<string, string> = {}) =>
    answerOf(`http://127.0.0.1:${port}/api/v1/${where}?${new URLSearchParams(query)}`)
  await eventually('Prometheus to be ready', START_SECONDS, () => ask('status/runtimeinfo'))
  return {
    query: async expression => samplesIn(await ask('query', { query: expression })),
    range: async (expression, span) =>
      linesIn(await ask('query_range', { query: expression, ...textsOf(span) }), span),
    alerts: async () => namesIn(await ask('alerts')),
    [Symbol.asyncDispose]: async () => {
      await stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function configOf({ targets, honorLabels }: Scraping): object {
  return {
    global: { scrape_interval: '1s', evaluation_interval: '1s' },
    rule_files: ['rules.json'],
    scrape_configs: [
      {
        job_name: 'coredog-system/coredog',
        honor_labels: honorLabels,
        static_configs: targets.map(({ port, labels }) => ({ targets: [`127.0.0.1:${port}`], labels })),
      },
    ],
  }
}

/** Under a shell that ends it when its own standard input ends: also when we are killed. */
function launch(
  program: string,
  folder: string,
  port: number,
  blocks = path.join(folder, 'data'),
): () => Promise<void> {
  const command = [
    program,
    `--config.file=${path.join(folder, 'config.json')}`,
    `--storage.tsdb.path=${blocks}`,
    '--storage.tsdb.retention.time=100y',
    `--web.listen-address=127.0.0.1:${port}`,
  ]
  const script = '"$@" & child=$!; read -r _; kill $child; wait $child'
  const shell = spawn('sh', ['-c', script, 'sh', ...command], { stdio: ['pipe', 'ignore', 'ignore'] })
  const gone = once(shell, 'exit')
  return async () => {
    shell.stdin.end()
    await gone
  }
}

// biome-ignore lint/suspicious/noExplicitAny: what Prometheus answers, a test finds out by going there
async function answerOf(url: string): Promise<any> {
  const { status, data, error } = (await (await fetch(url)).json()) as Record<string, unknown>
  if (status !== 'success') throw new Error(`Prometheus refuses: ${String(error)}`)
  return data
}

function samplesIn({
  result,
}: {
  result: { metric: Sample['labels']; value: [number, string] }[]
}): Sample[] {
  return result.map(({ metric: labels, value }) => ({ labels, value: Number(value[1]) }))
}

function textsOf({ start, end, step }: Span): Record<string, string> {
  return { start: String(start), end: String(end), step: String(step) }
}

function linesIn(
  { result }: { result: { metric: Sample['labels']; values: [number, string][] }[] },
  { start, end, step }: Span,
): Line[] {
  return result.map(({ metric: labels, values }) => {
    const known = new Map(values.map(([at, value]) => [at, Number(value)]))
    const times = Array.from({ length: (end - start) / step + 1 }, (_, at) => start + at * step)
    return {
      labels,
      values: times.map(at => known.get(at) ?? null).map(value => (Number.isNaN(value) ? null : value)),
    }
  })
}

function namesIn({ alerts }: { alerts: { labels: { alertname: string } }[] }): string[] {
  return [...new Set(alerts.map(({ labels }) => labels.alertname))].toSorted()
}
