import type { NoticeConfig } from '../config/config.ts'
import { plain } from '../untrusted/plain-text.ts'
import { type Backtrace, backtraceOf, NO_BACKTRACE } from './backtrace.ts'
import { linksIn } from './crash-links.ts'
import { coreSizeOf, deathOf, type Fact, factsOf, hasCore, ownerOf } from './facts.ts'
import { kubectlCommand } from './kubectl-command.ts'
import { LANGUAGES, type LanguageName } from './language/all.ts'
import type { Language } from './language/language.ts'
import { linkEndSentences } from './link-end.ts'
import { linksOf } from './links.ts'
import { type LogExcerpt, logExcerptOf } from './log-excerpt.ts'
import type { Notification } from './notification.ts'
import { copiesCore, openingCommand } from './opening-command.ts'
import { quotaLines } from './quota-line.ts'
import { reasonLines } from './reason-lines.ts'
import { seenLine } from './seen.ts'
import { expandTemplate, type Span } from './template.ts'
import { troubleOf } from './trouble.ts'
import { type Link, webLink } from './web-link.ts'

/**
 * What a channel shows, as data, in the order in which it is read. Every string is one line of visible
 * characters and of bounded length; its markup is not escaped, because only the channel knows what is markup
 * there. `ownText` alone may hold markup and newlines that are meant: the operator's.
 */
export interface Message {
  /** What it is written in, for what a channel adds to it. */
  readonly language: LanguageName
  /** `red`: the core is lost; `orange`: a part of it is; `blue`: all of it was kept. */
  readonly tone: 'red' | 'orange' | 'blue'
  /** Who and what: the one line that a phone shows. */
  readonly title: string
  /** Why it crashed, in words. */
  readonly reason: readonly string[]
  readonly backtrace: Backtrace
  /** Last words; absent: there are none to be shown. */
  readonly log?: LogExcerpt
  /** More sentences, the most important first. */
  readonly lines: readonly string[]
  /** Of many crashes, what is told of each workload; absent: it is about one crash. */
  readonly items?: readonly Item[]
  readonly facts: readonly Fact[]
  /** The operator's template, expanded: it stands in place of all that is about the crash and its core. */
  readonly ownText: readonly Span[] | null
  /** The operator's own, which stand after the facts, and then the report's; absent: none. */
  readonly links?: readonly Link[]
  readonly link: Link | null
  /** For a shell: safe to paste, whatever the crashed program was called. */
  readonly commands: readonly string[]
  /** The same where there is no room for {@link links} that are opened by them; absent: there are none. */
  readonly commandsAlone?: readonly string[]
  /** Last and small, as all that follows: the size of the core. */
  readonly core: string | null
  /** When it crashed, as RFC 3339 in UTC: a channel shows it as its reader's own time, if it can. */
  readonly time: string | null
  /** Where the core is, for a person who may read the store. */
  readonly place: string | null
  /** It begins with `CoreDog`: bots may be set to take no message without that word. */
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

/** What the operator made of the message. */
export interface Wording extends Pick<NoticeConfig, 'messageTemplate' | 'messageLabels' | 'links'> {
  /** Default: `en`. */
  readonly language?: LanguageName
}

/** A message without a word. */
export const NOTHING: Omit<Message, 'language' | 'tone' | 'title'> = {
  reason: [],
  backtrace: NO_BACKTRACE,
  lines: [],
  facts: [],
  ownText: null,
  link: null,
  commands: [],
  core: null,
  time: null,
  place: null,
  footnote: null,
}

const TONES = { stored: 'blue', incomplete: 'orange', lost: 'red', suppressed: 'orange' } as const

/** The message of `notification`: in the operator's words where there is a template, in ours otherwise. */
export function messageFor(notification: Notification, wording: Wording): Message {
  const { language: name = 'en' } = wording
  const ours = defaultMessage(notification, name)
  if (wording.messageTemplate === null)
    return { ...ours, links: [...linksOf(notification, wording.links), ...(ours.links ?? [])] }

  // A template speaks of a core that was kept ("download it here"), so what went wrong stands above it.
  // It is not replaced: it may hold the word that the bot's keyword check wants, or an @mention.
  const language = LANGUAGES[name]
  const ownText = expandTemplate(wording.messageTemplate, wording.messageLabels, notification)
  const lines = [...troubleOf(notification, language), ...linkEndSentences([notification.link], language)]
  const { tone, title } = ours
  return { ...NOTHING, language: name, tone, title, lines, ownText }
}

/** Our own message, for a person at three in the morning: what crashed, why, where, and how to open its core. */
export function defaultMessage(notification: Notification, name: LanguageName = 'en'): Message {
  const { outcome, report } = notification
  const language = LANGUAGES[name]
  const { executableLink: _, symbolsLink: _symbols, ...alone } = notification
  const log = logExcerptOf(notification, language)
  const [commands, commandsAlone] = [commandsOf(notification), commandsOf(alone)]
  return {
    language: name,
    tone: notification.update?.isOver === true ? TONES.stored : TONES[outcome],
    title: titleOf(notification, language),
    reason: reasonLines(report, language),
    backtrace: backtraceOf(report, language),
    ...(log && { log }),
    lines: linesOf(notification, language),
    facts: factsOf(report, language),
    ownText: null,
    links: spareLinksOf(notification, language),
    link: linkOf(notification, language),
    commands,
    ...(commands[0] !== commandsAlone[0] && { commandsAlone }),
    core: report.core === undefined ? null : coreSizeOf(report.core, language),
    time: report.time === undefined ? null : plain(report.time, 40),
    place: commands.some(copiesCore) ? null : keptAt(notification, language),
    footnote: footnoteOf(notification, language),
  }
}

/** What opens the files that the reader has by now, and what gets and opens them. */
function commandsOf(notification: Notification): readonly string[] {
  const { outcome, link } = notification
  const getting = kubectlCommand(notification)
  const opening = hasCore(outcome) ? openingCommand(notification) : null
  const hasFiles = getting === null || link !== null || (opening !== null && copiesCore(opening))
  return [hasFiles ? opening : null, getting].filter(command => command !== null)
}

const LONGEST_TITLE = 140
const LONGEST_DEATH = 60

/** Of an endless name the end is missing, and not what became of the core. */
function titleOf({ outcome, report, update }: Notification, language: Language): string {
  const death = deathOf(report, language)
  const titled = (where: string) =>
    language.title({
      death: death === undefined ? undefined : plain(death, LONGEST_DEATH),
      where,
      ...(outcome === 'suppressed' ? { more: report.suppressed ?? 0 } : {}),
      isOver: update?.isOver,
      ...(outcome === 'lost' || outcome === 'incomplete' ? { core: outcome } : {}),
    })
  const room = LONGEST_TITLE - Array.from(titled('')).length
  return plain(titled(plain(ownerOf(report, language), room)), LONGEST_TITLE)
}

function linesOf(notification: Notification, language: Language): readonly string[] {
  const { outcome, report } = notification
  const { unidentified, suppressed = 0 } = report
  const seen = outcome === 'suppressed' ? null : seenLine(report, language)
  return [
    ...troubleOf(notification, language),
    ...quotaLines(report, language),
    ...(seen === null ? [] : [seen]),
    ...(unidentified === undefined ? [] : [language.uncertain({ why: plain(unidentified, 600) })]),
    ...(suppressed > 0 && outcome !== 'suppressed' ? [language.countedBefore({ crashes: suppressed })] : []),
    ...linkEndSentences(linksIn(notification), language),
  ]
}

function linkOf({ outcome, link }: Notification, language: Language): Link | null {
  const url = webLink(link)
  if (url === null) return null
  return { label: outcome === 'suppressed' ? language.downloadKept : language.download, url }
}

/** The last one is the first to go where there is no room. */
function spareLinksOf(notification: Notification, language: Language): readonly Link[] {
  const { executableLink = null, symbolsLink = null, reportLink = null } = notification
  const links = [
    { label: language.executable, url: webLink(executableLink), isOpened: true },
    { label: language.symbols, url: webLink(symbolsLink), isOpened: true },
    { label: language.openReport, url: webLink(reportLink) },
  ]
  return links.flatMap(({ url, ...link }) => (url === null ? [] : [{ ...link, url, isSpare: true }]))
}

function keptAt({ outcome, report: { core } }: Notification, language: Language): string | null {
  const url = outcome === 'suppressed' ? core?.kept?.url : hasCore(outcome) ? core?.url : undefined
  if (!url) return null
  return outcome === 'suppressed' ? language.lastKept({ place: plain(url) }) : plain(url)
}

function footnoteOf({ report, link }: Notification, language: Language): string {
  return language.footnote({
    version: plain(report.handler?.version ?? '', 40),
    crashId: plain(report.id, 80),
    hasLink: webLink(link) !== null,
  })
}
