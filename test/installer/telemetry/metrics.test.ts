import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { VERSION } from '../../../crash/version.ts'
import { createMetrics, type Metrics } from '../../../installer/telemetry/metrics.ts'
import { inputs } from '../../inputs.ts'

const report = {
  id: 'a1',
  pod: { namespace: 'shop', name: 'cart-0' },
  container: { name: 'app' },
  signal: { number: 11 },
  core: { complete: true, sizeBytes: 1000, storedBytes: 10 },
  timing: { heldSeconds: 0.2, uploadSeconds: 3 },
}

it('createMetrics counts a stored crash, its bytes and its times', async () => {
  const metrics = createMetrics('n1')
  metrics.showNamespaces(true)
  metrics.countLine({ msg: 'crash stored', report })
  await shows(metrics, ['coredog_capture_duration_seconds_count 0'])
  metrics.countLine({ msg: 'crash stored', report })
  await shows(metrics, [
    'coredog_coredumps_total{namespace="shop",container="app",signal="SIGSEGV",outcome="stored"} 2',
    'coredog_coredump_bytes_total 2000',
    'coredog_coredump_stored_bytes_total 20',
    'coredog_capture_duration_seconds_sum 0.4',
    'coredog_upload_duration_seconds_bucket{le="5"} 2',
  ])
})

it('createMetrics has at most twenty series where nothing crashed', async () => {
  const metrics = createMetrics('n1')
  metrics.setInstalled(true)
  metrics.setCluster('eu-1')
  const series = (await metrics.text()).split('\n').filter(line => /^\w/.test(line))
  assert.ok(series.length > 10)
  assert.ok(series.length <= 20, `it has ${series.length}`)
})

it('createMetrics counts what became of the outbox', async () => {
  const metrics = createMetrics('n1')
  metrics.countDelivery('channel', 'retry')
  metrics.countDelivery('channel', 'ok')
  metrics.setOutbox({ entries: 3, oldest: new Date('2026-11-29T06:00:00Z') })
  await shows(metrics, [
    'coredog_outbox_deliveries_total{kind="channel",outcome="retry"} 1',
    'coredog_outbox_deliveries_total{kind="channel",outcome="ok"} 1',
    'coredog_outbox_entries 3',
    'coredog_outbox_oldest_timestamp_seconds 1795932000',
  ])
})

it('createMetrics shows nothing as the oldest message where none waits', async () => {
  const metrics = createMetrics('n1')
  metrics.setOutbox({ entries: 0, oldest: null })
  await shows(metrics, ['coredog_outbox_oldest_timestamp_seconds 0'])
})

it('createMetrics shows how full the spool is', async () => {
  const metrics = createMetrics('n1')
  metrics.setSpool({ crashes: 1, bytes: 80, maxBytes: 100 })
  await shows(metrics, ['coredog_spool_crashes 1', 'coredog_spool_bytes 80', 'coredog_spool_max_bytes 100'])
})

it('createMetrics counts a crash as a new group that is the first of its kind here, and is kept', async () => {
  const metrics = createMetrics('n1')
  metrics.countLine({ msg: 'crash stored', report: { ...report, seen: { count: 1 } } })
  metrics.countLine({ msg: 'crash stored', report: { ...report, seen: { count: 2 } } })
  metrics.countLine({ msg: 'crash suppressed', report: { ...report, seen: { count: 1 } } })
  metrics.countLine({ msg: 'crash stored', report: { ...report, seen: 1 } })
  await shows(metrics, ['coredog_new_groups_total 1'])
})

it('createMetrics counts what was lost, skipped, forwarded, and not told', async () => {
  const metrics = createMetrics('n1')
  metrics.showNamespaces(true)
  metrics.countLine({ msg: 'crash lost', err: { type: 'StoreError', message: 'no' } })
  metrics.countLine({ msg: 'crash skipped', namespace: 'shop', container: 'app', signal: 6, reason: 'no' })
  metrics.countLine({ msg: 'crash forwarded', to: '/usr/share/apport', signal: 6 })
  metrics.countLine({ msg: 'notice failed', channel: 'feishu#1', outcome: 'failed' })
  await shows(metrics, [
    'coredog_coredumps_total{namespace="",container="",signal="unknown",outcome="lost"} 1',
    'coredog_upload_errors_total{reason="StoreError"} 1',
    'coredog_coredumps_total{namespace="shop",container="app",signal="SIGABRT",outcome="skipped"} 1',
    'coredog_coredumps_total{namespace="",container="",signal="SIGABRT",outcome="forwarded"} 1',
    'coredog_notifications_total{channel="feishu#1",outcome="failed"} 1',
  ])
})

it('createMetrics shows the node and what the kernel and others did to it', async () => {
  const metrics = createMetrics('n1')
  await shows(metrics, ['coredog_handler_installed{node="n1"} 0', 'coredog_core_pattern_drift_total 0'])
  metrics.setInstalled(true)
  metrics.countDrift()
  metrics.countRefusedConfiguration()
  metrics.countDrop({ reason: 'over-pipe-limit', text: '', hint: '' })
  metrics.setCluster('3f2a9c01')
  metrics.setCluster('eu-1')
  assert.ok(!(await metrics.text()).includes('3f2a9c01'))
  await shows(metrics, [
    'coredog_handler_installed{node="n1"} 1',
    'coredog_core_pattern_drift_total 1',
    'coredog_installer_config_refused_total 1',
    'coredog_kernel_drops_total{reason="over-pipe-limit"} 1',
    'coredog_cluster_info{cluster="eu-1"} 1',
    `coredog_build_info{version="${VERSION}"} 1`,
  ])
})

it('createMetrics names no namespace and no container where nobody said that it may, nor any more', async () => {
  const metrics = createMetrics('n1')
  metrics.countLine({ msg: 'crash stored', report })
  await shows(metrics, [
    'coredog_coredumps_total{namespace="",container="",signal="SIGSEGV",outcome="stored"} 1',
  ])
  metrics.showNamespaces(true)
  metrics.countLine({ msg: 'crash stored', report })
  await shows(metrics, [
    'coredog_coredumps_total{namespace="shop",container="app",signal="SIGSEGV",outcome="stored"} 1',
  ])
  metrics.showNamespaces(false)
  metrics.countLine({ msg: 'crash stored', report })
  assert.doesNotMatch(await metrics.text(), /shop/)
})

it('createMetrics has a bounded number of series, whatever pods are called', async () => {
  const metrics = createMetrics('n1')
  metrics.showNamespaces(true)
  for (let index = 0; index < 1000; index += 1)
    metrics.countLine({ msg: 'crash skipped', namespace: `n${index}`, container: 'app', signal: 11 })
  metrics.countLine({ msg: 'crash skipped', namespace: 'n0', container: 'app', signal: 11 })
  const series = (await metrics.text())
    .split('\n')
    .filter(line => line.startsWith('coredog_coredumps_total{'))
  assert.equal(series.length, 501)
  await shows(metrics, [
    'coredog_coredumps_total{namespace="n0",container="app",signal="SIGSEGV",outcome="skipped"} 2',
    'coredog_coredumps_total{namespace="_other",container="_other",signal="SIGSEGV",outcome="skipped"} 500',
  ])
})

it('createMetrics takes whatever a line may say, and stays readable', async () => {
  const message = fc.constantFrom('crash stored', 'crash lost', 'crash skipped', 'notice failed')
  const value = fc.oneof(fc.string(), fc.double(), fc.constant(null), fc.constant(Number.MAX_VALUE))
  const metrics = createMetrics('n1')
  metrics.showNamespaces(true)
  fc.assert(
    fc.property(message, value, (msg, x) => {
      const hostile = {
        pod: { namespace: x },
        core: { sizeBytes: x },
        timing: { heldSeconds: x },
        signal: { number: x },
      }
      metrics.countLine({ msg, report: hostile, err: x, channel: x, signal: x, namespace: x })
    }),
    inputs(),
  )
  for (const line of (await metrics.text()).split('\n'))
    assert.match(line, /^(?:#.*|coredog_\w+(?:\{.*\})? [\d.e+-]+|)$/)
})

async function shows(metrics: Metrics, lines: readonly string[]): Promise<void> {
  const text = (await metrics.text()).split('\n')
  for (const line of lines) assert.ok(text.includes(line), `${line} is not in\n${text.join('\n')}`)
}

it('createMetrics shows who holds the Lease, and how the upkeep of the store goes', async () => {
  const metrics = createMetrics('node-1')
  assert.match(await metrics.text(), /^coredog_lease_held 0$/m)
  assert.doesNotMatch(await metrics.text(), /^coredog_upkeep_done_timestamp_seconds /m)
  let isHolder = true
  metrics.showHolder(() => isHolder)
  metrics.setUpkeepDone(new Date(1_763_700_000_000))
  metrics.countUpkeepFailure()
  const text = await metrics.text()
  assert.match(text, /^coredog_lease_held 1$/m)
  assert.match(text, /^coredog_upkeep_done_timestamp_seconds 1763700000$/m)
  assert.match(text, /^coredog_upkeep_failures_total 1$/m)
  isHolder = false
  assert.match(await metrics.text(), /^coredog_lease_held 0$/m)
})
