import type { Logger } from 'pino'
import { messageOf } from '../../crash/errors.ts'
import type { Note } from '../../notify/note.ts'
import type { Delivery } from '../../notify/notification.ts'

type Say = (note: Note) => Promise<readonly Delivery[]>

const QUIET_MS = 10 * 60 * 1000

/**
 * Tells people of pods that could not be read, in the original CoreDog's words. One broken controller makes
 * such pods by the hundred, so each channel is told no more than once in ten minutes; the next message counts
 * what came between.
 */
export class UnreadPods {
  readonly #say: Say
  readonly #log: Logger
  readonly #now: () => number
  #saidAt = Number.NEGATIVE_INFINITY
  #unsaid = 0

  constructor(say: Say, log: Logger, now: () => number = Date.now) {
    this.#say = say
    this.#log = log
    this.#now = now
  }

  /** Returns at once: no pod waits for a chat. */
  report(pod: string, reason: string): void {
    if (this.#now() - this.#saidAt < QUIET_MS) {
      this.#unsaid += 1
      return
    }
    this.#saidAt = this.#now()
    const lines = [
      `Pod: ${pod}`,
      `错误: ${reason}`,
      '影响: Pod 将正常创建，但不会自动注入 corefile 卷',
      ...(this.#unsaid === 0 ? [] : [`此前未通知: ${this.#unsaid} 个 Pod`]),
    ]
    this.#unsaid = 0
    void this.#tell({ tone: 'orange', title: '⚠️ CoreDog Webhook 解析失败', lines })
  }

  async #tell(note: Note): Promise<void> {
    try {
      for (const delivery of await this.#say(note)) {
        if (delivery.outcome === 'failed') this.#log.warn({ ...delivery }, 'notice failed')
      }
    } catch (thrown) {
      // The pod went on long ago, and the log has said why.
      this.#log.warn({ reason: messageOf(thrown) }, 'notice failed')
    }
  }
}
