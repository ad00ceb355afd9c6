import type { Logger } from 'pino'
import type { Config } from '../../config/config.ts'
import { dayOf } from '../../crash/daily-key.ts'
import {
  encodeQuota,
  fullnessOf,
  NEARLY_FULL_PERCENT,
  percentOf,
  quotaKey,
  quotaPrefix,
  type Use,
} from '../../crash/quota.ts'
import { upkeepFolder } from '../../crash/upkeep-key.ts'
import type { ObjectStore } from '../../storage/object-store.ts'
import { smallText } from '../../storage/small-text.ts'
import type { NamespaceLimits } from './namespace-limits.ts'
import { safely } from './safely.ts'
import { sumAll, sumSince } from './sum-usage.ts'
import { encodeUsage, parseUsage, type Usage } from './usage.ts'

export interface Quotas {
  readonly store: Pick<ObjectStore, 'get' | 'list' | 'put' | 'remove'>
  readonly config: Pick<Config, 'quota'>
  /** How the cluster is and was called. */
  readonly clusterNames: () => readonly string[]
  readonly limits: Pick<NamespaceLimits, 'read' | 'of'>
  /** Gets a namespace of the cluster that has little room or none, at most once a day. */
  readonly onFull: (namespace: string, use: Use) => void
  readonly now: () => Date
  readonly log: Logger
}

interface Round {
  readonly cluster: string
  readonly now: Date
  readonly day: string
}

/** As often as crashes are removed, and just behind that: it is as much before a whole day as upkeep is. */
const SUM_ALL_MS = 0.95 * 24 * 3_600_000
const LARGEST_USAGE_BYTES = 8 * 1024 * 1024

/** Sums what the crashes of each namespace take, and leaves it in the store for handlers. */
export class QuotaRounds {
  readonly #quotas: Quotas
  /** As the record of each namespace was written, as far as handlers care. */
  #written = new Map<string, string>()

  constructor(quotas: Quotas) {
    this.#quotas = quotas
  }

  get isOn(): boolean {
    return this.#quotas.config.quota.namespaceBytes > 0
  }

  /** Never rejects. Ends when `signal` aborts, as soon as it can. */
  async doWhatIsDue(signal: AbortSignal): Promise<void> {
    const { log } = this.#quotas
    if (this.isOn && !signal.aborted) await safely('quotas not summed', log, () => this.#do(signal))
  }

  async #do(signal: AbortSignal): Promise<void> {
    const { store, clusterNames, limits, now: clock } = this.#quotas
    const now = clock()
    const clusters = [...new Set([...clusterNames(), ''])]
    const [cluster = ''] = clusters
    const file = `${upkeepFolder(cluster)}usage.json`
    const known = parseUsage((await smallText(store, file, LARGEST_USAGE_BYTES, signal)) ?? '')
    const isFresh = known !== null && isRecent(known.summedAt, now)
    const toldOn = new Map([...(known?.toldOn ?? [])].filter(([, day]) => day === dayOf(now)))
    const base = isFresh
      ? { ...known, toldOn }
      : { ...(await sumAll(store, { clusters, now, signal })), toldOn }
    const { usage, used } = await sumSince(store, base, { clusters, now, signal })
    signal.throwIfAborted()
    await limits.read(now.getTime())
    if (!isFresh) await this.#beginAnew(cluster, used)
    const told = await this.#leave({ cluster, now, day: dayOf(now) }, used, usage.toldOn, signal)
    const isSame = isFresh && usage.until.getTime() === base.until.getTime() && told === usage.toldOn
    if (!isSame) await this.#put(file, encodeUsage({ ...usage, toldOn: told }))
  }

  /** What has no crash any more has no record, and the others have one that is not old. */
  async #beginAnew(cluster: string, used: ReadonlyMap<string, number>): Promise<void> {
    const { store } = this.#quotas
    this.#written = new Map()
    const prefix = quotaPrefix(cluster)
    for await (const { key } of store.list(prefix))
      if (!used.has(key.slice(prefix.length))) await store.remove(key)
  }

  async #leave(
    round: Round,
    used: ReadonlyMap<string, number>,
    toldOn: Usage['toldOn'],
    signal: AbortSignal,
  ): Promise<Usage['toldOn']> {
    const { config, limits, onFull } = this.#quotas
    let told = toldOn
    for (const [namespace, usedBytes] of used) {
      signal.throwIfAborted()
      const use = { usedBytes, limitBytes: limits.of(namespace, config.quota.namespaceBytes) }
      await this.#leaveRecord(round, namespace, use)
      if (fullnessOf(use) === 'room' || namespace.startsWith('_')) continue
      if (told.get(namespace) === round.day) continue
      onFull(namespace, use)
      told = new Map(told).set(namespace, round.day)
    }
    return told
  }

  async #leaveRecord({ cluster, now }: Round, namespace: string, use: Use): Promise<void> {
    const percent = percentOf(use)
    const shown = percent < NEARLY_FULL_PERCENT ? 'room' : `${percent} of ${use.limitBytes}`
    if (this.#written.get(namespace) === shown) return
    await this.#put(quotaKey(cluster, namespace), encodeQuota({ ...use, at: now }))
    this.#written.set(namespace, shown)
  }

  async #put(key: string, text: string): Promise<void> {
    const body = Buffer.from(text)
    await this.#quotas.store.put(key, [body], body.length)
  }
}

/** Not of a clock that was ahead either. */
function isRecent(time: Date, now: Date): boolean {
  const ageMs = now.getTime() - time.getTime()
  return ageMs >= -3_600_000 && ageMs < SUM_ALL_MS
}
