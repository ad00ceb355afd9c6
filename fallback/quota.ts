import type { Logger } from 'pino'
import { messageOf } from '../crash/errors.ts'
import { humanBytes } from '../crash/human-bytes.ts'
import { fullnessOf, percentOf } from '../crash/quota.ts'
import { writeAtomic } from '../durable/atomic-file.ts'
import { encodeFillingPods, type FillingPod } from '../handoff/filling-pods.ts'
import type { CoreFile } from './core-file.ts'
import type { Usage } from './usage.ts'

const HOUR_MS = 3_600_000
const MOST_TOLD = 10_000

/** Where an operator reads what is wrong with a node: Kubernetes Events. */
export interface NodeEvents {
  recordNodeEvent(reason: string, note: string): void
}

interface QuotaOptions {
  /** How much of the node's disk the files of one pod may take; 0: as much as they like. */
  readonly maxPodBytes: number
  /** What `status` says of pods with little room: `filling-pods.json` of the run folder. */
  readonly fillingFile: string
  readonly recorder: NodeEvents
  readonly log: Logger
}

/**
 * Keeps pods within their share of the disk. Of those that keep too much it tells, of each once an hour; `status` shows
 * those that have little room left, too.
 */
export class Quota {
  readonly #options: QuotaOptions
  readonly #toldAtMs = new Map<string, number>()
  #shown: string | null = null

  constructor(options: QuotaOptions) {
    this.#options = options
  }

  /** Has `remove` take away what is stored, as far as it must go. */
  async keep(usage: Usage, remove: (file: CoreFile) => Promise<void>, nowMs: number): Promise<void> {
    const { maxPodBytes } = this.#options
    const filling = maxPodBytes === 0 ? [] : usage.filling(maxPodBytes)
    for (const { remove: files, left } of filling) {
      for (const file of files) await remove(file)
      if (left.usedBytes > maxPodBytes) this.#tell(left, nowMs)
    }
    await this.#show(filling.map(({ left }) => left).filter(left => fullnessOf(left) !== 'room'))
  }

  #tell(left: FillingPod, nowMs: number): void {
    const { pod, usedBytes, limitBytes } = left
    if (nowMs - (this.#toldAtMs.get(pod) ?? Number.NEGATIVE_INFINITY) < HOUR_MS) return
    const [first] = this.#toldAtMs.keys()
    if (this.#toldAtMs.size >= MOST_TOLD && first !== undefined) this.#toldAtMs.delete(first)
    this.#toldAtMs.set(pod, nowMs)
    const { recorder, log } = this.#options
    const of = `${humanBytes(usedBytes)} of ${humanBytes(limitBytes)}`
    const what = `Core files of pod ${pod} take ${of} on the node: its quota is ${percentOf(left)} % used`
    log.error({ pod, bytes: usedBytes, allowedBytes: limitBytes, hint: HINT }, 'quota of a pod exceeded')
    recorder.recordNodeEvent('CoreFileQuotaExceeded', `${what}. ${HINT}`)
  }

  async #show(pods: readonly FillingPod[]): Promise<void> {
    const text = encodeFillingPods(pods)
    if (text === this.#shown) return
    const { fillingFile: file, log } = this.#options
    try {
      await writeAtomic(file, text)
      this.#shown = text
    } catch (cause) {
      log.warn({ file, reason: messageOf(cause) }, 'pods with little room not shown')
    }
  }
}

const HINT =
  'They are not stored yet, so none was removed: look for "core file not stored" in the log of the installer, delete what is no core, or raise fallback.maxPodBytes.'
