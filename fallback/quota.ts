import type { Logger } from 'pino'
import type { CoreFile } from './core-file.ts'
import type { Excess, Usage } from './usage.ts'

const HOUR_MS = 3_600_000
const MOST_TOLD = 10_000

/** Where an operator reads what is wrong with a node: Kubernetes Events. */
export interface NodeEvents {
  recordNodeEvent(reason: string, note: string): void
}

interface QuotaOptions {
  /** How much of the node's disk the files of one pod may take; 0: as much as they like. */
  readonly maxPodBytes: number
  readonly recorder: NodeEvents
  readonly log: Logger
}

/** Keeps pods within their share of the disk. Of those that keep too much it tells, of each once an hour. */
export class Quota {
  readonly #options: QuotaOptions
  readonly #toldAtMs = new Map<string, number>()

  constructor(options: QuotaOptions) {
    this.#options = options
  }

  /** Has `remove` take away what is stored, as far as it must go. */
  async keep(usage: Usage, remove: (file: CoreFile) => Promise<void>, nowMs: number): Promise<void> {
    const { maxPodBytes } = this.#options
    if (maxPodBytes === 0) return
    for (const excess of usage.excess(maxPodBytes)) {
      for (const file of excess.remove) await remove(file)
      if (excess.leftBytes > maxPodBytes) this.#tell(excess, nowMs)
    }
  }

  #tell({ pod, leftBytes }: Excess, nowMs: number): void {
    if (nowMs - (this.#toldAtMs.get(pod) ?? Number.NEGATIVE_INFINITY) < HOUR_MS) return
    const [first] = this.#toldAtMs.keys()
    if (this.#toldAtMs.size >= MOST_TOLD && first !== undefined) this.#toldAtMs.delete(first)
    this.#toldAtMs.set(pod, nowMs)
    const { maxPodBytes, recorder, log } = this.#options
    const what = `The core files of pod ${pod} take ${leftBytes} bytes of the node's disk, and ${maxPodBytes} are allowed`
    log.error({ pod, bytes: leftBytes, allowedBytes: maxPodBytes, hint: HINT }, 'quota of a pod exceeded')
    recorder.recordNodeEvent('CoreFileQuotaExceeded', `${what}. ${HINT}`)
  }
}

const HINT =
  'They are not stored yet, so none was removed: look for "core file not stored" in the log of the installer, delete what is no core, or raise fallback.maxPodBytes.'
