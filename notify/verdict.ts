import { fieldsIn, textOf } from '../crash/fields.ts'
import { plain } from '../untrusted/plain-text.ts'
import type { ChatAnswer } from './chat-answer.ts'

/**
 * What an answer means for us. `isUntold`: nobody was asked, for it is not told of such a crash. `retry`: the same may go well later, but not before `afterSeconds`.
 * `malformed`: it was the body that was refused, so a plainer one may pass. `failed`: only an operator can
 * help.
 */
export type Verdict =
  | { readonly kind: 'ok'; readonly isUntold?: true }
  | {
      readonly kind: 'retry'
      readonly reason: string
      readonly hint: string
      readonly afterSeconds: number
      /** It took this one for now, and perhaps takes others. */
      readonly isOfOne?: true
      /** Nobody was asked: `afterSeconds` is how long it is the turn of others. */
      readonly isTurn?: true
    }
  | { readonly kind: 'malformed' | 'failed'; readonly reason: string; readonly hint: string }

/** A row of a chat's table of error codes. `meaning` and `hint` are for an operator. */
export interface Ruling {
  readonly kind: 'retry' | 'malformed' | 'failed'
  readonly meaning: string
  readonly hint: string
  readonly afterSeconds?: number
}

export const OK: Verdict = { kind: 'ok' }
export const UNTOLD: Verdict = { kind: 'ok', isUntold: true }

export const MALFORMED: Ruling = {
  kind: 'malformed',
  meaning: 'the message was refused as malformed',
  hint: 'Simplify messageTemplate if there is one; otherwise report this as a bug of CoreDog.',
}

// All of it that a person reads: what is secret in it is taken out before it is cut.
const LONGEST_SAID = 4000

/** `code` and `said` are the chat's own words; they go into the reason, as data. */
export function applyRuling(ruling: Ruling, code: string, said: string): Verdict {
  const words = said === '' ? code : `${code}: ${plain(said, LONGEST_SAID)}`
  const { kind, hint, afterSeconds = 0 } = ruling
  const reason = `${ruling.meaning} (${words})`
  return kind === 'retry' ? { kind, reason, hint, afterSeconds } : { kind, reason, hint }
}

/**
 * The verdict on a chat that answers `{code, message}` in JSON, whatever the HTTP status: 0 is success, other
 * codes are looked up by `rulingOf`, and an answer without a code is judged by {@link verdictOfStatus}.
 */
export function verdictByCode(
  answer: ChatAnswer,
  fields: { readonly codes: readonly string[]; readonly said: string },
  rulingOf: (code: string, said: string) => Ruling | undefined,
): Verdict {
  const reply = fieldsIn(answer.body)
  const code = fields.codes.map(field => reply?.[field]).find(value => value !== undefined && value !== null)
  if (typeof code !== 'number' && typeof code !== 'string') return verdictOfStatus(answer.status)
  // Number() too: the string "0" was seen as well as the number.
  if (String(code).trim() !== '' && Number(code) === 0) return OK

  const said = textOf(reply?.[fields.said])
  const ruling = rulingOf(String(code), said) ?? rulingByStatus(answer.status) ?? UNKNOWN_CODE
  return applyRuling(ruling, `code ${plain(String(code), 40)}`, said)
}

/** The row of `code`, which a chat chose: `constructor` is none. */
export function rulingIn(table: Readonly<Record<string, Ruling>>, code: string): Ruling | undefined {
  return Object.hasOwn(table, code) ? table[code] : undefined
}

/** For an answer that is not what the chat would say: a proxy's page, a wrong address, an outage. */
export function verdictOfStatus(status: number): Verdict {
  return applyRuling(rulingByStatus(status) ?? NOT_A_CHAT, `HTTP ${status}`, '')
}

function rulingByStatus(status: number): Ruling | undefined {
  if (status === 429) return RATE_LIMITED
  if (status === 408 || status >= 500) return UNAVAILABLE
  if (status >= 300 && status < 400) return REDIRECT
  return undefined
}

const RATE_LIMITED: Ruling = {
  kind: 'retry',
  meaning: 'too many messages',
  hint: 'Spread the channels over several bots, or narrow them with keyword.',
}
const UNAVAILABLE: Ruling = {
  kind: 'retry',
  meaning: 'the chat service is not available',
  hint: 'Check the status page of the chat service, and a proxy if there is one in between.',
}
const REDIRECT: Ruling = {
  kind: 'failed',
  meaning: 'the address redirects, which is not followed',
  hint: 'Set webhookurl to the address that the chat showed when the bot was made.',
}
const NOT_A_CHAT: Ruling = {
  kind: 'failed',
  meaning: 'the answer is not one that this chat gives',
  hint: 'Check that webhookurl is the address of a bot, and that chan names the same chat.',
}
const UNKNOWN_CODE: Ruling = {
  kind: 'failed',
  meaning: 'the chat refused the message',
  hint: 'Look the code up in the documentation of the chat service.',
}
