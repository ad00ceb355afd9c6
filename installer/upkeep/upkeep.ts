import path from 'node:path'
import type { Logger } from 'pino'
import type { Config } from '../../config/config.ts'
import type { Host } from '../../handoff/host.ts'
import type { KubeClient } from '../../kube/client.ts'
import type { ObjectStore } from '../../storage/object-store.ts'
import { anySignal } from '../../time/any-signal.ts'
import { type Pause, pause } from '../../time/pause.ts'
import { REAL_CLOCK } from '../../time/rate-limiter.ts'
import { openHostStore } from '../supply/host-store.ts'
import { uploadsInSpool } from '../tidy/spool-remains.ts'
import type { Held, TryHold } from './held.ts'
import { NamespaceLimits } from './namespace-limits.ts'
import { NodeMarks } from './node-marks.ts'
import { QuotaRounds, type Quotas } from './quota-rounds.ts'
import { finishRemoval } from './removal.ts'
import { safely } from './safely.ts'
import { StoreRounds, type UpkeepMetrics } from './store-rounds.ts'
import { whoseTurn } from './whose-turn.ts'

export interface UpkeepOptions {
  readonly config: Config
  readonly host: Host
  readonly nodeName: string
  /** How the cluster is and was called. */
  readonly clusterNames: () => readonly string[]
  /** `null`: we are not in a cluster. */
  readonly lease: { readonly tryHold: TryHold } | null
  /** `null`: we are not in a cluster. */
  readonly kube: Pick<KubeClient, 'list'> | null
  /** Gets a namespace that has little room left by its quota, or none. */
  readonly onFull: Quotas['onFull']
  readonly metrics?: UpkeepMetrics
  readonly log: Logger
  readonly pause?: Pause
  readonly random?: () => number
}

/** Of ten thousand nodes the API server hears six times a second then. */
const ASK_SECONDS = 1800
/** The marks are listed each time. */
const WITHOUT_KUBERNETES_SECONDS = 6 * 3600
/** So much later handlers know: three listings a time, of what came within two hours. */
const QUOTA_SECONDS = 300

/**
 * Takes away from the store, once a day until `signal` aborts, what is no longer needed: one installer does it for all
 * nodes.
 */
export async function keepUp(options: UpkeepOptions, signal: AbortSignal): Promise<void> {
  const { config, host, lease, nodeName, log, pause: wait = pause, random = Math.random } = options
  const store = openHostStore(host, config)
  const uploadsInUse = () => uploadsInSpool(host.path(config.spool.dir))
  await finishOld(options, store)
  // Not at once: an installer that starts has other things to do, and may be one of ten thousand.
  await wait(ASK_SECONDS * (0.5 + random() / 2), signal)
  const marks = new NodeMarks(store, {
    cluster: options.clusterNames()[0] ?? '',
    node: nodeName,
    clock: REAL_CLOCK,
  })
  const tryHold = whoseTurn({ lease, marks, log })
  const rounds = new StoreRounds({ ...options, store, uploadsInUse })
  const limits = new NamespaceLimits(options.kube, log)
  const quotas = new QuotaRounds({ ...options, store, limits, now: () => new Date() })
  while (!signal.aborted) {
    const held = await tryHold()
    if (held !== null) await rounds.doWhatIsDue(anySignal([signal, held.signal]))
    const seconds = (lease === null ? WITHOUT_KUBERNETES_SECONDS : ASK_SECONDS) * (0.5 + random())
    const isOurs = held !== null && quotas.isOn
    await (isOurs ? keepQuotas(quotas, held, seconds, wait, signal) : wait(seconds, signal))
  }
}

/** For so long; until then it is ours, or no more. */
async function keepQuotas(
  quotas: QuotaRounds,
  held: Held,
  seconds: number,
  wait: Pause,
  signal: AbortSignal,
): Promise<void> {
  for (let left = seconds; left > 0 && !signal.aborted; left -= QUOTA_SECONDS) {
    await quotas.doWhatIsDue(anySignal([signal, held.signal]))
    await wait(Math.min(left, QUOTA_SECONDS), signal)
  }
}

/** What a release that had its journal on the node was killed in. */
async function finishOld({ config, host, log }: UpkeepOptions, store: ObjectStore): Promise<void> {
  const journal = host.path(path.posix.join(config.paths.state, 'removal.json'))
  await safely('removal not finished', log, () => finishRemoval(store, journal))
}
