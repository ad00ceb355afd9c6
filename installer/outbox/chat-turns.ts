import type { Logger } from 'pino'
import type { ChannelConfig } from '../../config/config.ts'
import { reasonOf } from '../../crash/errors.ts'
import { newCrashId } from '../../crash/object-key.ts'
import { chatTurn } from '../../crash/upkeep-key.ts'
import { CHANNELS } from '../../notify/channels/all.ts'
import type { ObjectStore } from '../../storage/object-store.ts'
import type { Clock } from '../../time/rate-limiter.ts'

type Bot = Pick<ChannelConfig, 'kind' | 'webhookUrl'>

interface World {
  readonly store: Pick<ObjectStore, 'putIfNew'>
  /** Whether of all who store under one key exactly one wins there. */
  readonly isOn: () => Promise<boolean>
  /** The same to all nodes, to some seconds. */
  readonly now: () => Date
  readonly clock: Pick<Clock, 'now'>
  /** By the address of a bot: when a turn of it that is ours begins, by `clock`. Outlives a configuration. */
  readonly ours: Map<string, number>
  /** From 0 to 1. */
  readonly random: () => number
  readonly log: Pick<Logger, 'warn'>
}

/** From one turn to eleven thousand, which are half a day of DingTalk. Who finds none then tells as if there were none. */
const MOST_TRIES = 24
const GROWTH = 1.5
const DEADLINE_MS = 10_000
/** A store that does not answer keeps nobody from being told, and is not asked for so long. */
const REST_MS = 60_000

/**
 * A bot takes so many messages a minute, whichever nodes they are of, and DingTalk's is shut for ten minutes after one
 * too many: 3,000 nodes that each have something of their own to tell were at it for 25 hours. So time is cut into turns,
 * and who stores the object of one has it. Who finds a turn taken tries one within half as many more: nobody asks again
 * and again for the next.
 */
export class ChatTurns {
  readonly #world: World
  /** By the address of a bot: who asked last. */
  readonly #asked = new Map<string, Promise<number>>()
  #askAgainAtMs = Number.NEGATIVE_INFINITY

  constructor(world: World) {
    this.#world = world
  }

  /**
   * Until this node may tell the bot; 0: now, also where that cannot be agreed on. Never rejects. Who asks meanwhile is
   * answered after it: of turns that are taken side by side all but one would be lost.
   */
  secondsTo(bot: Bot): Promise<number> {
    const before = this.#asked.get(bot.webhookUrl) ?? Promise.resolve()
    const asked = before.then(() => this.#secondsTo(bot))
    this.#asked.set(bot.webhookUrl, asked)
    return asked
  }

  async #secondsTo(bot: Bot): Promise<number> {
    const { clock, ours } = this.#world
    const beginsAtMs = ours.get(bot.webhookUrl) ?? clock.now() + 1000 * (await this.#secondsToNewTurn(bot))
    const leftMs = beginsAtMs - clock.now()
    if (leftMs > 0) ours.set(bot.webhookUrl, beginsAtMs)
    else ours.delete(bot.webhookUrl)
    return Math.max(0, leftMs / 1000)
  }

  async #secondsToNewTurn(bot: Bot): Promise<number> {
    const { isOn, clock, log } = this.#world
    if (clock.now() < this.#askAgainAtMs) return 0
    try {
      return (await isOn()) ? await this.#take(bot) : 0
    } catch (cause) {
      this.#askAgainAtMs = clock.now() + REST_MS
      log.warn(reasonOf(cause), 'not known whose turn it is to tell a chat')
      return 0
    }
  }

  async #take({ kind, webhookUrl }: Bot): Promise<number> {
    const { store, now, random } = this.#world
    const { perSecond } = CHANNELS[kind].rate
    const nowSeconds = now().getTime() / 1000
    const current = Math.floor(nowSeconds * perSecond)
    const own = Buffer.from(`${newCrashId()}\n`)
    const signal = AbortSignal.timeout(DEADLINE_MS)
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      const turn = current + Math.floor(random() * GROWTH ** tries)
      if ((await store.putIfNew(chatTurn(webhookUrl, turn), own, signal)) === 'won')
        return Math.max(0, turn / perSecond - nowSeconds)
    }
    return 0
  }
}
