import { plain } from '../untrusted/plain-text.ts'
import {
  type BatchWorkload,
  coresOf,
  crashesIn,
  inTurn,
  lineOf,
  openableOf,
  tally,
  workloadsIn,
} from './batch-workload.ts'
import { signalOf } from './facts.ts'
import { kubectlCommand } from './kubectl-command.ts'
import { LANGUAGES, type LanguageName } from './language/all.ts'
import type { Language } from './language/language.ts'
import { linkEndSentences } from './link-end.ts'
import { isCalling } from './mention.ts'
import type { Item } from './message.ts'
import type { Note } from './note.ts'
import type { Notification } from './notification.ts'
import { type Link, webLink } from './web-link.ts'

/** So many crashes are told of one by one; what waits beyond them becomes one message. */
export const MOST_ONE_BY_ONE = 5
/** So many workloads have a line of their own. */
const MOST_LINES = 12
/**
 * So many links are made, for the chats that have room for them; a chat takes those of the first lines first.
 */
const MOST_LINKS = 12
const MOST_LINKS_OF_A_LINE = 5
const SHOWN_NAMESPACES = 6

/**
 * What is said of many crashes at once: how many of what, a line for each workload, and cores to be opened:
 * one of each owner before any owner's second, so that a crash loop hides no neighbour's crash. Red only if a
 * core was lost.
 */
export function batchNote(notifications: readonly Notification[], name: LanguageName = 'en'): Note {
  const language = LANGUAGES[name]
  const workloads = workloadsIn(notifications)
  const shown = workloads.slice(0, MOST_LINES)
  const opened = new Set(openedOf(notifications, name))
  const links = [...opened].map(({ link }) => link)
  return {
    tone: toneOf(notifications),
    title: language.batch.title({
      crashes: crashesIn(notifications),
      workloads: workloads.length,
      node: onlyNodeOf(notifications),
    }),
    lines: [summaryOf(notifications, language), ...linkEndSentences(links, language)],
    items: [
      ...shown.map(workload => itemOf(workload, opened, language)),
      ...hiddenItems(workloads.slice(MOST_LINES), language),
    ],
    footnote: language.batch.footnote({ hasLinks: links.some(link => webLink(link) !== null) }),
    isCalling: notifications.some(isCalling),
  }
}

/**
 * The crashes of `notifications` whose cores are to be opened from {@link batchNote}, if the chat has room
 * for all the links.
 */
export function openedOf(
  notifications: readonly Notification[],
  name: LanguageName = 'en',
): readonly Notification[] {
  const rows = workloadsIn(notifications)
    .slice(0, MOST_LINES)
    .map(workload => openableOf(workload, LANGUAGES[name]).slice(0, MOST_LINKS_OF_A_LINE))
  return inTurn(rows).slice(0, MOST_LINKS)
}

function toneOf(notifications: readonly Notification[]): Note['tone'] {
  const outcomes = new Set(notifications.map(({ outcome }) => outcome))
  return outcomes.has('lost') ? 'red' : outcomes.has('incomplete') ? 'orange' : 'blue'
}

function onlyNodeOf(notifications: readonly Notification[]): string | undefined {
  const names = new Set(notifications.map(({ report }) => report.node?.name))
  const [name] = names
  return names.size === 1 && name !== undefined ? plain(name, 60) : undefined
}

/** `04:21:17 to 04:23:40 UTC · 180 × SIGSEGV, 16 × SIGABRT · 9 cores, 6 incomplete, 2 lost` */
function summaryOf(notifications: readonly Notification[], language: Language): string {
  const signals = tally(notifications, ({ report }) => plain(signalOf(report) ?? language.unknownSignal, 40))
  const causes = language.batch.counts(signals.slice(0, 6))
  return [...timesOf(notifications, language), causes, coresOf(notifications, language)].join(' · ')
}

function timesOf(notifications: readonly Notification[], language: Language): string[] {
  const times = notifications
    .map(({ report }) => Date.parse(report.time ?? ''))
    .filter(time => !Number.isNaN(time))
    .map(time => new Date(time).toISOString())
    .toSorted()
  const [first, last] = [times[0], times.at(-1)].map(time => time?.slice(11, 19))
  return first === undefined || last === undefined ? [] : [language.batch.times({ first, last })]
}

function itemOf(workload: BatchWorkload, opened: ReadonlySet<Notification>, language: Language): Item {
  const mine = openableOf(workload, language).filter(notification => opened.has(notification))
  const links = mine.map(notification => linkOf(notification, language)).filter(link => link !== null)
  const [place] = [...mine.map(kubectlCommand), ...mine.map(placeOf)].filter(it => it !== null)
  return {
    text: lineOf(workload, language),
    links: links.map((link, at) => (at === 0 ? link : { ...link, label: language.another })),
    place: place ?? null,
  }
}

function placeOf({ report: { core } }: Notification): string | null {
  const { url } = core?.kept ?? core ?? {}
  return url ? plain(url) : null
}

function linkOf({ link, outcome }: Notification, language: Language): Link | null {
  const url = webLink(link)
  if (url === null) return null
  return { label: outcome === 'suppressed' ? language.downloadKept : language.download, url }
}

/** A reader whose workload has no line learns that there are more. */
function hiddenItems(workloads: readonly BatchWorkload[], { batch }: Language): Item[] {
  if (workloads.length === 0) return []
  const notifications = workloads.flatMap(({ notices }) => notices)
  const names = new Set(notifications.map(({ report: { pod } }) => pod?.namespace ?? batch.noNamespace))
  const text = batch.hidden({
    crashes: crashesIn(notifications),
    workloads: workloads.length,
    namespaces: [...names].slice(0, SHOWN_NAMESPACES).map(name => plain(name, 63)),
    moreNamespaces: Math.max(names.size - SHOWN_NAMESPACES, 0),
  })
  return [{ text, links: [], place: null }]
}
