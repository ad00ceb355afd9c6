import * as api from '../../api/metrics.ts'
import type { HandlerLogEntry } from '../../installer/telemetry/handler-log-entry.ts'
import { createMetrics, type Metrics } from '../../installer/telemetry/metrics.ts'
import * as webhook from '../../webhook/metrics.ts'

/** What a program shows Prometheus. */
export type Shown = Pick<Metrics, 'text' | 'contentType'>

const NODES = ['node-1', 'node-2']

/** All programs of a cluster of two nodes, and what they show Prometheus. */
export class Cluster {
  readonly installers: readonly Metrics[] = NODES.map(createMetrics)
  readonly #webhook = webhook.createMetrics()
  readonly #api = api.createMetrics()

  constructor() {
    for (const metrics of this.installers) {
      metrics.showNamespaces(true)
      metrics.setSpool({ crashes: 0, bytes: 0, maxBytes: GIB })
    }
  }

  /** Each program, and what Prometheus knows of it. */
  get targets(): readonly { readonly metrics: Shown; readonly labels: Readonly<Record<string, string>> }[] {
    const installers = this.installers.map((metrics, at) => ({
      metrics,
      labels: labelsOf('installer', NODES[at] ?? ''),
    }))
    return [
      ...installers,
      { metrics: this.#webhook, labels: labelsOf('webhook', 'node-1') },
      { metrics: this.#api, labels: labelsOf('api', 'node-2') },
    ]
  }

  /** Something of all that can happen. */
  break(now: Date): void {
    const [one, other] = this.installers as [Metrics, Metrics]
    for (let count = 1; count <= 30; count += 1) one.countLine(stored('cart', count))
    for (let count = 1; count <= 10; count += 1) other.countLine(stored('web', count))
    for (let count = 31; count <= 35; count += 1) one.countLine(crashed('crash suppressed', 'cart', count))
    for (const type of ['StoreError', 'OperatorError']) one.countLine(lost('cart', type))
    one.countLine({ msg: 'crash forwarded', to: '/usr/share/apport', signal: 6 })
    one.countDrop({ reason: 'over-pipe-limit', text: '', hint: '' })
    one.countDelivery('channel', 'ok')
    one.countDelivery('channel', 'retry')
    one.setOutbox({ entries: 3, oldest: new Date(now.getTime() - 7_200_000) })
    one.setSpool({ crashes: 2, bytes: 0.9 * GIB, maxBytes: GIB })
    one.setInstalled(true)
    this.#webhook.setCertificate(ninetyDays(now, 10))
    this.#api.setCertificate(ninetyDays(now, 80))
    this.#api.begin()({ verb: 'get', resource: 'coredumps', code: 200 })
  }
}

const GIB = 2 ** 30
const DAY_MILLISECONDS = 86_400_000

/** How long a certificate of ours holds that has so many days left. */
function ninetyDays(now: Date, left: number) {
  const until = new Date(now.getTime() + left * DAY_MILLISECONDS)
  return { from: new Date(until.getTime() - 90 * DAY_MILLISECONDS), until }
}

/** As the PodMonitor has them. */
function labelsOf(component: string, node: string) {
  return { namespace: 'coredog-system', pod: `coredog-${component}-${node}`, container: component, node }
}

function stored(pod: string, count: number): HandlerLogEntry {
  return crashed('crash stored', pod, count)
}

function crashed(msg: string, pod: string, count: number): HandlerLogEntry {
  return { msg, report: reportOf(pod, count) }
}

function lost(pod: string, type: string): HandlerLogEntry {
  return { msg: 'crash lost', err: { type, message: 'no' }, report: reportOf(pod, 9) }
}

function reportOf(pod: string, count: number) {
  return {
    id: `${pod}${count}`,
    pod: { namespace: 'shop', name: `${pod}-0` },
    container: { name: pod },
    signal: { number: pod === 'cart' ? 11 : 6 },
    core: { complete: true, sizeBytes: 2 ** 20 * count, storedBytes: 2 ** 17 * count },
    timing: { heldSeconds: 0.05 * count, uploadSeconds: 0.5 * count },
    seen: { count },
  }
}
