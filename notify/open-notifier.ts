import type { LookupFunction } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ChannelConfig, NoticeConfig } from '../config/config.ts'
import type { Network } from '../network/network.ts'
import { anySignal } from '../time/any-signal.ts'
import { plain } from '../untrusted/plain-text.ts'
import { channelName } from './channel-name.ts'
import { CHANNELS } from './channels/all.ts'
import type { Channel, ChatBody } from './channels/channel.ts'
import { withDetail } from './detail.ts'
import { unheardBy } from './hearing.ts'
import type { LanguageName } from './language/all.ts'
import { withLogLines } from './log-excerpt.ts'
import { calling, isCalling } from './mention.ts'
import { type Message, messageFor } from './message.ts'
import { messageOfNote, type Note, type Speaker } from './note.ts'
import type { Delivery, Notification, Notifier } from './notification.ts'
import { Poster, type PosterLimits, verdictOfError } from './poster.ts'
import { redact } from './redact.ts'
import type { Verdict } from './verdict.ts'

/** How long a notification may take, and how it waits. Tests hand in another one. */
interface Patience extends PosterLimits {
  /** Waits before the second, third … request. */
  readonly retryMilliseconds: readonly number[]
  /** A chat that asks for a longer wait is not asked again. */
  readonly longestWaitMilliseconds: number
  /** For all channels, with their retries. */
  readonly totalMilliseconds: number
  readonly wait: (milliseconds: number, deadline: AbortSignal) => Promise<unknown>
  readonly now: () => Date
}

// The crashed process is gone by the time we tell, so nothing is held but our own memory on the node: a
// blip of the network is worth waiting for, an outage is not.
const PATIENCE: Patience = {
  connectMilliseconds: 5_000,
  requestMilliseconds: 10_000,
  retryMilliseconds: [1_000, 4_000],
  longestWaitMilliseconds: 10_000,
  totalMilliseconds: 30_000,
  wait: (milliseconds, signal) => sleep(milliseconds, undefined, { signal }),
  now: () => new Date(),
}

/** What one delivery needs; made anew for each notification. */
interface Sending {
  readonly poster: Poster
  readonly deadline: AbortSignal
  readonly patience: Patience
}

type Outcome = Omit<Delivery, 'channel'>

export interface NotifierOptions extends Partial<Patience> {
  /** Takes the place of the node's DNS. */
  readonly lookup?: LookupFunction
  /** Absent: directly, and TLS trusts Node's own list and the node's. */
  readonly network?: Network
  /** Ends what is under way; it counts as failed for now. */
  readonly signal?: AbortSignal
}

/** Tells all channels of `config` side by side. One that fails does not keep another one from being told. */
export function openNotifier(
  config: NoticeConfig,
  { lookup, network, signal, ...overrides }: NotifierOptions = {},
): Notifier & Speaker {
  const patience = { ...PATIENCE, ...overrides }
  const toAll = async (tellOne: (channel: ChannelConfig, sending: Sending) => Promise<Outcome>) => {
    const poster = new Poster(patience, { lookup, network })
    const timeout = AbortSignal.timeout(patience.totalMilliseconds)
    const deadline = signal === undefined ? timeout : anySignal([timeout, signal])
    const sending = { poster, deadline, patience }
    const deliveries = await Promise.all(
      config.channels.map(async (channel, place) => ({
        channel: channelName(channel, place),
        ...withoutSecrets(await tellOne(channel, sending), channel),
      })),
    )
    await poster.close()
    return deliveries
  }
  return {
    tell: notification => toAll((channel, sending) => tellOne(channel, notification, config, sending)),
    say: noteIn => toAll((channel, sending) => deliver(channel, () => noted(noteIn, channel), sending)),
  }
}

async function tellOne(
  config: ChannelConfig,
  notification: Notification,
  wording: NoticeConfig,
  sending: Sending,
): Promise<Outcome> {
  const reason = unheardBy(config, notification)
  if (reason !== null) return { outcome: 'skipped', reason }
  return deliver(config, () => told(notification, config, wording), sending)
}

function told(notification: Notification, channel: ChannelConfig, wording: NoticeConfig): Message {
  const { language = 'en' } = channel
  const shown = withLogLines(withDetail(notification, wording.detail), wording)
  const message = messageFor(shown, { ...wording, language })
  return isCalling(notification) ? calling(message, channel) : message
}

function noted(noteIn: (language: LanguageName) => Note, channel: ChannelConfig): Message {
  const { language = 'en' } = channel
  const note = noteIn(language)
  const message = messageOfNote(note, language)
  return note.isCalling === true ? calling(message, channel) : message
}

async function deliver(config: ChannelConfig, make: () => Message, sending: Sending): Promise<Outcome> {
  try {
    const channel = CHANNELS[config.kind]
    const message = make()
    const verdict = await send(channel, config, channel.render(message), sending)
    return outcomeOf(
      verdict.kind === 'malformed'
        ? await send(channel, config, channel.renderPlain(message), sending)
        : verdict,
    )
  } catch (thrown) {
    // The seam promises not to reject: whatever else goes wrong, the core is kept, and the log says this.
    return outcomeOf(verdictOfError(thrown))
  }
}

function outcomeOf(verdict: Verdict): Outcome {
  if (verdict.kind === 'ok') return { outcome: 'sent' }
  const { reason, hint } = verdict
  const again = verdict.kind === 'retry' ? { retryAfterSeconds: verdict.afterSeconds } : {}
  return { outcome: 'failed', reason, hint, ...again }
}

/** Posts `body` until the chat has taken or refused it, or there is no time or no attempt left. */
async function send(
  channel: Channel,
  config: ChannelConfig,
  body: ChatBody,
  sending: Sending,
): Promise<Verdict> {
  const { deadline, patience } = sending
  let verdict = await attempt(channel, config, body, sending)
  for (const pause of patience.retryMilliseconds) {
    if (verdict.kind !== 'retry' || deadline.aborted) break
    const wait = Math.max(pause, verdict.afterSeconds * 1000)
    if (wait > patience.longestWaitMilliseconds || !(await waited(wait, sending))) break
    verdict = await attempt(channel, config, body, sending)
  }
  return verdict
}

/** Whether the wait ended before the deadline did. */
async function waited(milliseconds: number, { patience, deadline }: Sending): Promise<boolean> {
  try {
    await patience.wait(milliseconds, deadline)
  } catch (thrown) {
    if (!deadline.aborted) throw thrown
  }
  return !deadline.aborted
}

async function attempt(
  channel: Channel,
  { webhookUrl: url, secret }: ChannelConfig,
  body: ChatBody,
  { poster, deadline, patience }: Sending,
): Promise<Verdict> {
  try {
    const plain = { url, body }
    // Signed at each attempt: the signature holds the time.
    const request = secret !== null && channel.sign ? channel.sign(plain, secret, patience.now()) : plain
    const { retryAfterSeconds, ...answer } = await poster.post(request, deadline)
    const verdict = channel.verdict(answer)
    if (verdict.kind !== 'retry') return verdict
    return { ...verdict, afterSeconds: Math.max(verdict.afterSeconds, retryAfterSeconds) }
  } catch (thrown) {
    return verdictOfError(thrown)
  }
}

/** Secrets are taken out of what a chat said before it is cut: half a token is one, too. */
const LONGEST_REASON = 300

function withoutSecrets(outcome: Outcome, channel: ChannelConfig): Outcome {
  const { reason, hint } = outcome
  return {
    ...outcome,
    ...(reason === undefined ? {} : { reason: plain(redact(reason, channel), LONGEST_REASON) }),
    ...(hint === undefined ? {} : { hint: redact(hint, channel) }),
  }
}
