import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import path from 'node:path'
import { after, before, describe, it } from 'node:test'
import { eventually } from '../e2e/eventually.ts'
import { findProgram } from '../installed-program.ts'
import { listenTracked, type TrackedServer } from '../tracked-server.ts'
import { DEPLOY, find, objectsOf } from './objects.ts'
import { NO_PROMETHEUS, type Prometheus, startPrometheus } from './real-prometheus.ts'
import { Cluster, type Shown } from './storm.ts'

interface Panel {
  readonly title: string
  readonly targets?: readonly { readonly expr: string; readonly legendFormat?: string }[]
}

const DASHBOARD: { readonly panels: readonly Panel[] } = JSON.parse(
  readFileSync(path.join(DEPLOY, 'chart/monitoring/dashboard.json'), 'utf8'),
)
const PANELS = DASHBOARD.panels.filter(({ targets = [] }) => targets.length > 0)
const MONITOR = find(objectsOf('chart/monitoring/pod-monitor.yaml'), 'PodMonitor', 'coredog')
const RULES = find(objectsOf('chart/monitoring/prometheus-rule.yaml'), 'PrometheusRule', 'coredog')
const WITHIN_SECONDS = 120

const program = findProgram('prometheus')

function showing({ text, contentType }: Shown): Server {
  return createServer(async (_, response) => {
    response.setHeader('content-type', contentType)
    response.end(await text())
  })
}

describe('a real Prometheus that has scraped /metrics after a storm', {
  skip: program === null && NO_PROMETHEUS,
}, () => {
  const cluster = new Cluster()
  const servers: TrackedServer[] = []
  let prometheus: Prometheus

  before(async () => {
    const targets = cluster.targets.map(({ metrics, labels }) => ({ server: showing(metrics), labels }))
    for (const { server } of targets) servers.push(await listenTracked(server))
    const [{ honorLabels }] = MONITOR.spec.podMetricsEndpoints
    prometheus = await startPrometheus(program!, {
      targets: targets.map(({ labels }, at) => ({ port: servers[at]?.port ?? 0, labels })),
      honorLabels,
      rules: RULES.spec,
    })
    await seen('count(count_over_time(coredog_build_info[1h]) > 1)', cluster.targets.length)
    cluster.break(new Date())
    await seen('sum(coredog_coredumps_total)', 48)
    await seen('count(coredog_webhook_certificate_expiry_seconds > 0)', 1)
    // A rate is made of two samples.
    const counts = 'count_over_time({__name__=~"coredog_(coredumps|api_requests)_total"}[1h])'
    await seen(`min(${counts}) > bool 1 and count(coredog_api_requests_total) == 1`, 1)
  })
  after(async () => {
    await prometheus?.[Symbol.asyncDispose]()
    for (const { close } of servers) await close()
  })

  async function seen(expression: string, value: number): Promise<void> {
    await eventually(`${expression} to be ${value}`, WITHIN_SECONDS, async () => {
      const [sample] = await prometheus.query(expression)
      return sample?.value === value || undefined
    })
  }

  for (const { title, targets = [] } of PANELS) {
    it(`shows something in the panel "${title}"`, async () => {
      for (const { expr, legendFormat = '' } of targets) {
        const samples = await prometheus.query(expr)
        assert.ok(samples.length > 0, expr)
        for (const { value } of samples) assert.ok(Number.isFinite(value), `${value} of ${expr}`)
        const labels = [...legendFormat.matchAll(/{{(\w+)}}/g)].map(([, label = '']) => label)
        for (const label of labels)
          assert.ok(
            samples.every(sample => sample.labels[label]),
            `${label} of ${expr}`,
          )
      }
    })
  }

  const numbers = {
    'Nodes that collect': 1,
    'Nodes that would not': 1,
    'Crashes in a day': 48,
    'Cores lost in a day': 2,
    'Wait for the store': 2,
    'Wait for a chat': 3,
  }
  for (const [panel, value] of Object.entries(numbers)) {
    it(`has ${value} in "${panel}"`, async () => {
      const [target] = PANELS.find(({ title }) => title === panel)?.targets ?? []
      assert.deepEqual(
        (await prometheus.query(target?.expr ?? '')).map(sample => sample.value),
        [value],
      )
    })
  }

  it('says in whose namespace something crashed, and of a process of the node none', async () => {
    const samples = await prometheus.query('sum by (namespace) (coredog_coredumps_total)')
    const namespaces = samples.map(({ labels, value }) => [labels.namespace ?? '', value])
    assert.deepEqual(namespaces.toSorted(), [
      ['', 1],
      ['shop', 47],
    ])
  })

  it('raises the alerts that are due, and no other one', async () => {
    const alerts = [
      'CoreDogCertificateExpires',
      'CoreDogCoreDropped',
      'CoreDogCoreLost',
      'CoreDogMessagesWaiting',
      'CoreDogNewGroup',
      'CoreDogNodeNotCollecting',
      'CoreDogSpoolFilling',
    ]
    await eventually('all alerts', WITHIN_SECONDS, async () =>
      (await prometheus.alerts()).length >= alerts.length ? true : undefined,
    )
    assert.deepEqual(await prometheus.alerts(), alerts)
  })
})
