import { Counter, Gauge, Registry } from 'prom-client'
import { signalName } from '../../crash/signal.ts'
import { VERSION } from '../../crash/version.ts'
import { isChannelName } from '../../notify/channel-name.ts'
import type { DestinationKind } from '../../notify/target.ts'
import { boundedLabels } from '../../untrusted/bounded-labels.ts'
import { crashIn, type HandlerLogEntry, type LoggedCrash } from './handler-log-entry.ts'
import type { KernelDrop } from './kernel-record.ts'
import { LateHistogram } from './late-histogram.ts'

/** What Prometheus is told of one node. Counts begin at 0 with each start of the installer, as it expects. */
export interface Metrics {
  /** In Prometheus' text format. */
  readonly text: () => Promise<string>
  readonly contentType: string
  readonly countLine: (entry: HandlerLogEntry) => void
  /** Whether crashes are counted by namespace and container, which are not said before. */
  readonly showNamespaces: (shown: boolean) => void
  readonly countDrop: (drop: KernelDrop) => void
  readonly countDrift: () => void
  readonly countRefusedConfiguration: () => void
  /** `count` of them; absent: one. */
  readonly countDelivery: (kind: DestinationKind, outcome: 'ok' | 'retry' | 'failed', count?: number) => void
  /** `oldest`: since when the one waits that has waited the longest; `null`: none, or none that can be read. */
  readonly setOutbox: (outbox: { readonly entries: number; readonly oldest: Date | null }) => void
  /** `null`: it has no name yet. */
  readonly setCluster: (name: string | null) => void
  readonly setSpool: (spool: {
    readonly crashes: number
    readonly bytes: number
    readonly maxBytes: number
  }) => void
  readonly setInstalled: (installed: boolean) => void
  /** Gets whether we are the one who does what one installer does for all. */
  readonly showHolder: (isHolder: () => boolean) => void
  readonly setUpkeepDone: (at: Date) => void
  readonly countUpkeepFailure: () => void
}

// Owners times signals times outcomes; a node has some hundred containers.
const MOST_OWNERS = 500
// A whole core of a terabyte takes hours; a refused one, a millisecond.
const DURATION_BUCKETS = [0.1, 0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600]

export function createMetrics(node: string): Metrics {
  const registry = new Registry()
  const series = createSeries(registry)
  series.buildInfo.set({ version: VERSION }, 1)
  series.installed.set({ node }, 0)
  // Not 0 until it is known: that is 1970 for who asks whether it is late.
  series.upkeepDone.remove()
  const known = boundedLabels<'namespace' | 'container'>(MOST_OWNERS)
  let isShown = false
  let isHolder = () => false
  const ownerOf = (owner: OwnerLabels) => (isShown ? known(owner) : { namespace: '', container: '' })
  return {
    text: () => {
      series.leaseHeld.set(isHolder() ? 1 : 0)
      return textIn(registry, series)
    },
    contentType: registry.contentType,
    countLine: entry => {
      const crash = crashIn(entry)
      if (crash !== null) countCrash(crash, entry, series, ownerOf)
      if (entry.msg === 'notice failed')
        series.notifications.inc({
          channel: isChannelName(entry.channel) ? entry.channel : 'other',
          outcome: 'failed',
        })
    },
    showNamespaces: shown => {
      // What was named must not be seen any more; Prometheus takes it for a restart.
      if (isShown && !shown) series.coredumps.reset()
      isShown = shown
    },
    countDrop: ({ reason }) => series.kernelDrops.inc({ reason }),
    countDrift: () => series.drift.inc(),
    countRefusedConfiguration: () => series.refused.inc(),
    countDelivery: (kind, outcome, count) => series.deliveries.inc({ kind, outcome }, count),
    setOutbox: ({ entries, oldest }) => {
      series.outbox.set(entries)
      series.outboxOldest.set((oldest?.getTime() ?? 0) / 1000)
    },
    setCluster: name => {
      series.clusterInfo.reset()
      if (name !== null) series.clusterInfo.set({ cluster: name }, 1)
    },
    setSpool: ({ crashes, bytes, maxBytes }) => {
      series.spoolCrashes.set(crashes)
      series.spoolBytes.set(bytes)
      series.spoolMaxBytes.set(maxBytes)
    },
    setInstalled: installed => series.installed.set({ node }, installed ? 1 : 0),
    showHolder: asked => {
      isHolder = asked
    },
    setUpkeepDone: at => series.upkeepDone.set(at.getTime() / 1000),
    countUpkeepFailure: () => series.upkeepFailures.inc(),
  }
}

type Series = ReturnType<typeof createSeries>

async function textIn(registry: Registry, { capture, upload }: Series): Promise<string> {
  const text = await registry.metrics()
  for (const histogram of [capture, upload]) histogram.shown()
  return text
}

function createSeries(registry: Registry) {
  const registers = [registry]
  return {
    coredumps: new Counter({
      name: 'coredog_coredumps_total',
      help: 'Crashes, by whose they were and what became of the core',
      labelNames: ['namespace', 'container', 'signal', 'outcome'],
      registers,
    }),
    newGroups: new Counter({
      name: 'coredog_new_groups_total',
      help: 'Stored crashes that are the first of their kind on this node',
      registers,
    }),
    bytes: new Counter({
      name: 'coredog_coredump_bytes_total',
      help: 'Bytes of cores as the kernel wrote them',
      registers,
    }),
    storedBytes: new Counter({
      name: 'coredog_coredump_stored_bytes_total',
      help: 'Bytes of cores as they were stored, compressed',
      registers,
    }),
    capture: new LateHistogram({
      name: 'coredog_capture_duration_seconds',
      help: 'How long a crashed process was held',
      buckets: DURATION_BUCKETS,
      registers,
    }),
    upload: new LateHistogram({
      name: 'coredog_upload_duration_seconds',
      help: 'From the first byte read until the store had everything',
      buckets: DURATION_BUCKETS,
      registers,
    }),
    uploadErrors: new Counter({
      name: 'coredog_upload_errors_total',
      help: 'Cores that were lost, by the kind of error',
      labelNames: ['reason'],
      registers,
    }),
    notifications: new Counter({
      name: 'coredog_notifications_total',
      help: 'Messages to a channel that the handler could not send',
      labelNames: ['channel', 'outcome'],
      registers,
    }),
    deliveries: new Counter({
      name: 'coredog_outbox_deliveries_total',
      help: 'Attempts of the installer to deliver a message, by the kind of destination and how it went',
      labelNames: ['kind', 'outcome'],
      registers,
    }),
    spoolCrashes: new Gauge({
      name: 'coredog_spool_crashes',
      help: 'Crashes that wait on the node until the store takes them',
      registers,
    }),
    spoolBytes: new Gauge({
      name: 'coredog_spool_bytes',
      help: 'What the cores of these crashes take of the disk of the node',
      registers,
    }),
    spoolMaxBytes: new Gauge({
      name: 'coredog_spool_max_bytes',
      help: 'What they may take of it: spool.maxBytes of the configuration',
      registers,
    }),
    outbox: new Gauge({
      name: 'coredog_outbox_entries',
      help: 'Messages that some destination has not taken yet',
      registers,
    }),
    outboxOldest: new Gauge({
      name: 'coredog_outbox_oldest_timestamp_seconds',
      help: 'Since when the message waits that has waited the longest, in Unix time; 0: none waits',
      registers,
    }),
    kernelDrops: new Counter({
      name: 'coredog_kernel_drops_total',
      help: 'Cores that the kernel dropped before a handler saw them',
      labelNames: ['reason'],
      registers,
    }),
    installed: new Gauge({
      name: 'coredog_handler_installed',
      help: '1 if the kernel would start our handler for a crash now',
      labelNames: ['node'],
      registers,
    }),
    drift: new Counter({
      name: 'coredog_core_pattern_drift_total',
      help: 'How often another program had written core_pattern',
      registers,
    }),
    refused: new Counter({
      name: 'coredog_installer_config_refused_total',
      help: 'New configurations that were refused because they are not valid',
      registers,
    }),
    leaseHeld: new Gauge({
      name: 'coredog_lease_held',
      help: '1 if this installer holds the Lease: it tells of groups and looks after the store for all nodes',
      registers,
    }),
    upkeepDone: new Gauge({
      name: 'coredog_upkeep_done_timestamp_seconds',
      help: 'When somebody was last through with the store for a day, in Unix time, as who looks after it knows',
      registers,
    }),
    upkeepFailures: new Counter({
      name: 'coredog_upkeep_failures_total',
      help: 'Parts of the upkeep of the store that failed, and are tried again',
      registers,
    }),
    clusterInfo: new Gauge({
      name: 'coredog_cluster_info',
      help: 'Always 1; the label is what reports and messages call the cluster',
      labelNames: ['cluster'],
      registers,
    }),
    buildInfo: new Gauge({
      name: 'coredog_build_info',
      help: 'Always 1',
      labelNames: ['version'],
      registers,
    }),
  }
}

type OwnerLabels = Record<'namespace' | 'container', string>

function countCrash(
  crash: LoggedCrash,
  entry: HandlerLogEntry,
  series: Series,
  ownerOf: (labels: OwnerLabels) => OwnerLabels,
): void {
  const { outcome, report } = crash
  const owner = ownerOf({ namespace: nameOf(crash.namespace), container: nameOf(crash.container) })
  series.coredumps.inc({ ...owner, signal: signalOf(crash.signal), outcome })
  // Of a kind that another node has kept, a core is not stored again.
  if (entry.msg === 'crash stored' && report?.seen?.count === 1) series.newGroups.inc()
  if (outcome === 'lost') series.uploadErrors.inc({ reason: errorOf(entry.err) })
  add(series.bytes, report?.core?.sizeBytes)
  add(series.storedBytes, report?.core?.storedBytes)
  observe(series.capture, report?.timing?.heldSeconds)
  observe(series.upload, report?.timing?.uploadSeconds)
}

/** Empty: not in a pod, or not known. */
function nameOf(name: string | undefined): string {
  if (name === undefined) return ''
  return /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/.test(name) ? name : '_invalid'
}

/** Linux has 64 signals. */
function signalOf(signal: number | undefined): string {
  const known = signal !== undefined && Number.isInteger(signal) && signal >= 1 && signal <= 64
  return known ? signalName(signal) : 'unknown'
}

const ERRORS = ['OperatorError', 'StoreError', 'NotFoundError']

function errorOf(error: unknown): string {
  const { type } = (error ?? {}) as { type?: unknown }
  return typeof type === 'string' && ERRORS.includes(type) ? type : 'other'
}

function add(counter: Counter, value: unknown): void {
  if (isAmount(value)) counter.inc(value)
}

function observe(histogram: LateHistogram, value: unknown): void {
  if (isAmount(value)) histogram.observe(value)
}

/** What a file says may be anything; a counter throws for what it cannot add. */
function isAmount(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= Number.MAX_SAFE_INTEGER
}
