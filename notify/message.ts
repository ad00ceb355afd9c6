import type { NoticeConfig } from '../config/config.ts'
import { incompleteSentence, whyNotKept } from '../crash/incomplete-core.ts'
import type { CrashReport } from '../crash/report.ts'
import { plain } from '../untrusted/plain-text.ts'
import { backtraceLines } from './backtrace.ts'
import { type Fact, factsOf, hasCore, moreCrashes, titleOf } from './facts.ts'
import { linkEndSentences } from './link-end.ts'
import type { Notification } from './notification.ts'
import { openingCommand } from './opening-command.ts'
import { expandTemplate, type Span } from './template.ts'
import { webLink } from './web-link.ts'

/**
 * What a channel shows, as data. Every string is one line of visible characters and of bounded length; its
 * markup is not escaped, because only the channel knows what is markup there. `ownText` alone may hold markup
 * and newlines that are meant: the operator's.
 */
export interface Message {
  /** `red`: the core is lost; `orange`: a part of it is; `blue`: all of it was kept. */
  readonly tone: 'red' | 'orange' | 'blue'
  readonly title: string
  /** Sentences that stand above the facts. */
  readonly lines: readonly string[]
  /** The stack, a line a frame; these lines belong together. */
  readonly backtrace: readonly string[]
  /** Of many crashes, what is told of each workload; absent: it is about one crash. */
  readonly items?: readonly Item[]
  readonly facts: readonly Fact[]
  /** The operator's template, expanded: it stands in place of facts, link, commands and footnote. */
  readonly ownText: readonly Span[] | null
  readonly link: Link | null
  /** For a shell: safe to paste, whatever the crashed program was called. */
  readonly commands: readonly string[]
  readonly footnote: string | null
  /** Ids of those who are called, from the configuration of the channel; absent: nobody. Never cut. */
  readonly mentions?: readonly string[]
}

/** A line with links of its own. */
export interface Item {
  readonly text: string
  /** The first one is the one to be shown, should there be room for one only. */
  readonly links: readonly Link[]
  /** What is shown where there is no link: where a core is, for a person who may read the store. */
  readonly place: string | null
}

export interface Link {
  readonly label: string
  /** Made by {@link webLink}: it may stand in any chat's link syntax. */
  readonly url: string
}

/** What the link is called. */
export const DOWNLOAD = 'Download the core'
/** The same where that core was not kept, but one like it was. */
export const DOWNLOAD_KEPT = 'Download the last core that was kept'

/** What the operator made of the message. */
export type Wording = Pick<NoticeConfig, 'messageTemplate' | 'messageLabels'>

const TONES = { stored: 'blue', incomplete: 'orange', lost: 'red', suppressed: 'orange' } as const
const TITLES = { stored: '', incomplete: 'Core incomplete: ', lost: 'Core lost: ' } as const

/** The message of `notification`: in the operator's words where there is a template, in ours otherwise. */
export function messageFor(notification: Notification, wording: Wording): Message {
  const ours = defaultMessage(notification)
  if (wording.messageTemplate === null) return ours

  // A template speaks of a core that was kept ("download it here"), so what went wrong stands above it.
  // It is not replaced: it may hold the word that the bot's keyword check wants, or an @mention.
  const ownText = expandTemplate(wording.messageTemplate, wording.messageLabels, notification)
  const lines = [...troubleOf(notification), ...linkEndSentences([notification.link])]
  return { ...ours, lines, backtrace: [], facts: [], ownText, link: null, commands: [], footnote: null }
}

/**
 * Our own message, for a person at three in the morning: what crashed, why, how big, where, how to open it.
 */
export function defaultMessage(notification: Notification): Message {
  const { outcome, report } = notification
  const url = webLink(notification.link)
  return {
    tone: TONES[outcome],
    title: plain(`${beginningOf(notification)}${titleOf(report)}`, 140),
    lines: [
      ...reasonLines(report),
      ...troubleOf(notification),
      ...doubtOf(report),
      ...suppressedLines(notification),
      ...linkEndSentences([notification.link]),
    ],
    backtrace: backtraceLines(report),
    facts: factsOf(report, outcome),
    ownText: null,
    link: url === null ? null : { label: outcome === 'suppressed' ? DOWNLOAD_KEPT : DOWNLOAD, url },
    commands: hasCore(outcome) ? [openingCommand(report)] : [],
    footnote: footnoteOf(notification, url),
  }
}

/** Why it crashed. */
function reasonLines({ crash }: CrashReport): string[] {
  const { reason, abortMessage } = crash ?? {}
  return [
    ...(reason === undefined ? [] : [`Why: ${plain(reason)}`]),
    ...(abortMessage === undefined ? [] : [`It said: ${plain(abortMessage, 600)}`]),
  ]
}

/** Why the core is not whole, or not there at all; nothing when all went well. */
function troubleOf(notification: Notification): string[] {
  const { outcome, report, hint } = notification
  if (outcome === 'stored') return []
  const why = plain(notification.reason ?? report.core?.incompleteReason ?? 'the reason is not known', 600)
  return [
    outcome === 'incomplete'
      ? incompleteSentence('the core', why)
      : `${whatOf(notification)}: ${whyNotKept(why)}`,
    ...(hint === undefined ? [] : [`What to do: ${plain(hint, 600)}`]),
  ]
}

function whatOf({ outcome, report }: Notification): string {
  if (outcome === 'suppressed') return `${moreCrashes(report)} of its kind, counted and no core kept`
  return 'The core was not kept'
}

function doubtOf({ unidentified }: CrashReport): string[] {
  return unidentified === undefined ? [] : [`Whose crash it was is not certain: ${plain(unidentified, 600)}`]
}

function suppressedLines({ outcome, report }: Notification): string[] {
  const { suppressed = 0 } = report
  if (suppressed <= 0 || outcome === 'suppressed') return []
  return [`${moreCrashes(report)} of its kind came before this one: counted, but no core was kept`]
}

function beginningOf({ outcome, report }: Notification): string {
  return outcome === 'suppressed' ? `${moreCrashes(report)}: ` : TITLES[outcome]
}

function footnoteOf({ report }: Notification, url: string | null): string {
  const maker = ['CoreDog', plain(report.handler?.version ?? '', 40)].filter(part => part !== '').join(' ')
  const warning = url === null ? [] : ['whoever has the link can read the memory of the process']
  return [maker, `crash ${plain(report.id, 80)}`, ...warning].join(' · ')
}
