import type { Logger } from 'pino'
import type { KubeClient } from '../kube/client.ts'
import { type KubeEvent, nodeEvent, postEvent } from './events.ts'
import { withinSeconds } from './within-seconds.ts'

const MOST_WAITING = 500

// Of the kubelet's half minute, after the node was restored or left.
const QUIET_SECONDS = 5

/** Posts Events one after the other: a storm of crashes must not be one of requests, too. */
export class Announcer {
  readonly #kube: KubeClient | null
  readonly #nodeName: string
  readonly #log: Logger
  #last: Promise<void> = Promise.resolve()
  #waiting = 0

  /** `kube` null: there is no cluster to tell. */
  constructor(kube: KubeClient | null, nodeName: string, log: Logger) {
    this.#kube = kube
    this.#nodeName = nodeName
    this.#log = log
  }

  announce(event: KubeEvent | null): void {
    const kube = this.#kube
    if (event === null || kube === null) return
    if (this.#waiting >= MOST_WAITING) {
      this.#log.warn({ event: event.reason }, 'event left out: too many wait')
      return
    }
    this.#waiting += 1
    this.#last = this.#last.then(async () => {
      await postEvent(kube, event, this.#log)
      this.#waiting -= 1
    })
  }

  /** An Event on the node itself. */
  announceNode(reason: string, note: string): void {
    this.announce(nodeEvent(this.#nodeName, reason, note))
  }

  /** Resolves when all that was announced has been posted, or when the kubelet would not wait any longer. */
  async quiet(): Promise<void> {
    try {
      await withinSeconds(QUIET_SECONDS, this.#last)
    } catch {
      this.#log.warn({ waiting: this.#waiting }, 'events left out: the API server is slow')
    }
  }
}
