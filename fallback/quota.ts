import type { Logger } from 'pino'
import { type CoreFile, homeOf } from './core-file.ts'

const HOUR_MS = 3_600_000
const MOST_TOLD = 10_000
const BLOCK_BYTES = 512

/** How much of the node's disk the files of each pod take, and which of them could go. */
export class Usage {
  readonly #pods = new Map<string, { bytes: number; stored: CoreFile[] }>()

  add(file: CoreFile, isStored: boolean): void {
    const pod = this.#pods.get(homeOf(file)) ?? { bytes: 0, stored: [] }
    pod.bytes += diskBytes(file)
    if (isStored) pod.stored.push(file)
    this.#pods.set(homeOf(file), pod)
  }

  /**
   * What has to go so that no pod has more than `mostBytes`, oldest first, and what is still too much then.
   */
  excess(mostBytes: number): Excess[] {
    return [...this.#pods]
      .filter(([, { bytes }]) => bytes > mostBytes)
      .map(([pod, { bytes, stored }]) => {
        const remove: CoreFile[] = []
        let left = bytes
        for (const file of stored.sort(byAge)) {
          if (left <= mostBytes) break
          remove.push(file)
          left -= diskBytes(file)
        }
        return { pod, remove, leftBytes: left }
      })
  }
}

export interface Excess {
  /** `<namespace>/<pod>` */
  readonly pod: string
  readonly remove: readonly CoreFile[]
  readonly leftBytes: number
}

/** Where an operator reads what is wrong with a node: Kubernetes Events. */
export interface NodeEvents {
  recordNodeEvent(reason: string, note: string): void
}

/** Tells of pods that keep too much, each once an hour. */
export class QuotaAlarm {
  readonly #events: NodeEvents
  readonly #log: Logger
  readonly #toldAtMs = new Map<string, number>()

  constructor(events: NodeEvents, log: Logger) {
    this.#events = events
    this.#log = log
  }

  tell({ pod, leftBytes }: Excess, mostBytes: number, nowMs: number): void {
    if (nowMs - (this.#toldAtMs.get(pod) ?? Number.NEGATIVE_INFINITY) < HOUR_MS) return
    const [first] = this.#toldAtMs.keys()
    if (this.#toldAtMs.size >= MOST_TOLD && first !== undefined) this.#toldAtMs.delete(first)
    this.#toldAtMs.set(pod, nowMs)
    const what = `The core files of pod ${pod} take ${leftBytes} bytes of the node's disk, and ${mostBytes} are allowed`
    this.#log.error({ pod, bytes: leftBytes, allowedBytes: mostBytes, hint: HINT }, 'quota of a pod exceeded')
    this.#events.recordNodeEvent('CoreFileQuotaExceeded', `${what}. ${HINT}`)
  }
}

const HINT =
  'They are not stored yet, so none was removed: look for "core file not stored" in the log of the installer, delete what is no core, or raise fallback.maxPodBytes.'

function diskBytes({ stat }: CoreFile): number {
  return Number(stat.blocks) * BLOCK_BYTES
}

function byAge(one: CoreFile, other: CoreFile): number {
  return one.stat.mtimeNs < other.stat.mtimeNs ? -1 : 1
}
