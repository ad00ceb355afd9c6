import assert from 'node:assert/strict'
import { it } from 'node:test'
import * as api from '../../api/metrics.ts'
import type { HandlerLogEntry, LoggedCrash } from '../../installer/telemetry/handler-log-entry.ts'
import type { KernelDrop } from '../../installer/telemetry/kernel-record.ts'
import * as installer from '../../installer/telemetry/metrics.ts'
import { DESTINATION_KINDS } from '../../notify/target.ts'
import * as webhook from '../../webhook/metrics.ts'
import { documentOf } from './documents.ts'

it('docs/metrics.md has the metrics of the installer', async () => {
  assert.deepEqual(rowsBelow('The installer'), metricsIn(await installerText()))
})

it('docs/metrics.md has the metrics of the webhook', async () => {
  assert.deepEqual(rowsBelow('The webhook'), metricsIn(await webhookText()))
})

it('docs/metrics.md has the metrics of coredog-api', async () => {
  assert.deepEqual(rowsBelow('coredog-api'), metricsIn(await apiText()))
})

it('docs/metrics.md says what each value of a label means', async () => {
  const values = [...valuesIn(await installerText()), ...valuesIn(await webhookText())]
  assert.ok(values.length > 20)
  const untold = values.filter(({ metric, value }) => !(ROWS.get(metric) ?? '').includes(`\`${value}\``))
  assert.deepEqual(untold, [])
})

/** All that can be counted happens once: a metric with labels has no series before. */
async function installerText(): Promise<string> {
  const metrics = installer.createMetrics('n1')
  for (const entry of Object.values(OUTCOMES)) metrics.countLine(entry)
  for (const type of ERRORS) metrics.countLine({ msg: 'crash lost', err: { type } })
  for (const channel of ['slack#1', '?']) metrics.countLine({ msg: 'notice failed', channel })
  for (const kind of DESTINATION_KINDS)
    for (const outcome of ['ok', 'retry', 'failed'] as const) metrics.countDelivery(kind, outcome)
  for (const reason of Object.values(DROPS)) metrics.countDrop({ reason, text: '', hint: '' })
  metrics.setCluster('eu-1')
  metrics.setUpkeepDone(new Date())
  return metrics.text()
}

async function webhookText(): Promise<string> {
  const metrics = webhook.createMetrics()
  for (const outcome of ['injected', 'skipped', 'failed'] as const) metrics.countAdmission(outcome, 0.1)
  return metrics.text()
}

async function apiText(): Promise<string> {
  const metrics = api.createMetrics()
  metrics.begin()({ verb: 'get', resource: 'coredumps', code: 200 })
  return metrics.text()
}

const OUTCOMES: Readonly<Record<LoggedCrash['outcome'], HandlerLogEntry>> = {
  stored: {
    msg: 'crash stored',
    report: { core: { complete: true }, timing: { heldSeconds: 1, uploadSeconds: 1 } },
  },
  incomplete: { msg: 'crash stored', report: { core: { complete: false } } },
  suppressed: { msg: 'crash suppressed', report: {} },
  lost: { msg: 'crash lost' },
  skipped: { msg: 'crash skipped' },
  forwarded: { msg: 'crash forwarded' },
}

const ERRORS = ['OperatorError', 'StoreError', 'NotFoundError']

const DROPS: { readonly [Reason in KernelDrop['reason']]: Reason } = {
  'over-pipe-limit': 'over-pipe-limit',
  'handler-not-started': 'handler-not-started',
  'no-core-wanted': 'no-core-wanted',
  'pipes-disabled': 'pipes-disabled',
}

/** `name type label label`, of each metric that Prometheus is shown, in the order of their names. */
function metricsIn(text: string): readonly string[] {
  const metrics = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = '', type = '']) => {
    const sample = samplesIn(text).find(({ metric }) => metric === name)
    assert.ok(sample, `nothing counts ${name} here, so its labels are not seen`)
    return [name, type, ...Object.keys(sample.labels)].join(' ')
  })
  assert.ok(metrics.length > 0)
  return metrics.toSorted()
}

interface Sample {
  readonly metric: string
  readonly labels: Readonly<Record<string, string>>
}

/** Without `le`, which is what makes a histogram. */
function samplesIn(text: string): readonly Sample[] {
  return [...text.matchAll(/^([a-z_]+)(?:\{(.*)\})? \S+$/gm)].map(([, name = '', labels = '']) => ({
    metric: name.replace(/_(?:bucket|sum|count)$/, ''),
    labels: Object.fromEntries(
      [...labels.matchAll(/(\w+)="(.*?)"/g)]
        .map(([, label = '', value = '']) => [label, value] as const)
        .filter(([label]) => label !== 'le'),
    ),
  }))
}

/** What is not one of a few. */
const FREE = ['namespace', 'container', 'signal', 'node', 'cluster', 'version']

function valuesIn(text: string): readonly { readonly metric: string; readonly value: string }[] {
  return samplesIn(text).flatMap(({ metric, labels }) =>
    Object.entries(labels)
      .filter(([label]) => !FREE.includes(label))
      .map(([, value]) => ({ metric, value })),
  )
}

const { prose } = documentOf('docs/metrics.md')

/** Rows of tables, by the metric that they begin with. */
const ROWS = new Map(
  [...prose.matchAll(/^\| `(coredog_\w+)` \|.*$/gm)].map(([row, name = '']) => [name, row] as const),
)

function rowsBelow(heading: string): readonly string[] {
  const section = prose.split(/^## /m).find(part => part.startsWith(`${heading}\n`)) ?? ''
  return [...section.matchAll(/^\| `(coredog_\w+)` \| (\w+) \| (.*?)\|/gm)]
    .map(([, name, type, labels = '']) =>
      [name, type, ...[...labels.matchAll(/`(\w+)`/g)].map(([, label]) => label)].join(' '),
    )
    .toSorted()
}
