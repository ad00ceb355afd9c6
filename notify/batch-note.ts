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
import { linkEndSentences } from './link-end.ts'
import { isCalling } from './mention.ts'
import { DOWNLOAD, DOWNLOAD_KEPT, type Item, type Link } from './message.ts'
import type { Note } from './note.ts'
import type { Notification } from './notification.ts'
import { webLink } from './web-link.ts'

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
export function batchNote(notifications: readonly Notification[]): Note {
  const workloads = workloadsIn(notifications)
  const shown = workloads.slice(0, MOST_LINES)
  const opened = new Set(openedOf(notifications))
  const hidden = workloads.slice(MOST_LINES)
  return {
    tone: toneOf(notifications),
    // A bot may want the word CoreDog, and a phone shows the title alone.
    title: `CoreDog: ${crashes(crashesIn(notifications))} ${titleEnd(workloads)}${where(notifications)}`,
    lines: [summaryOf(notifications), ...linkEndSentences([...opened].map(({ link }) => link))],
    items: [...shown.map(workload => itemOf(workload, opened)), ...hiddenItems(hidden)],
    footnote:
      'each crash has its report in the store · whoever has a link can read the memory of the process',
    isCalling: notifications.some(isCalling),
  }
}

/**
 * The crashes of `notifications` whose cores are to be opened from {@link batchNote}, if the chat has room
 * for all the links.
 */
export function openedOf(notifications: readonly Notification[]): readonly Notification[] {
  const rows = workloadsIn(notifications)
    .slice(0, MOST_LINES)
    .map(workload => openableOf(workload).slice(0, MOST_LINKS_OF_A_LINE))
  return inTurn(rows).slice(0, MOST_LINKS)
}

function crashes(number: number): string {
  return `${number} ${number === 1 ? 'crash' : 'crashes'}`
}

function titleEnd({ length }: readonly BatchWorkload[]): string {
  return `of ${length} ${length === 1 ? 'workload' : 'workloads'}`
}

function toneOf(notifications: readonly Notification[]): Note['tone'] {
  const outcomes = new Set(notifications.map(({ outcome }) => outcome))
  return outcomes.has('lost') ? 'red' : outcomes.has('incomplete') ? 'orange' : 'blue'
}

function where(notifications: readonly Notification[]): string {
  const names = new Set(notifications.map(({ report }) => report.node?.name))
  const [name] = names
  return names.size === 1 && name !== undefined ? ` on ${plain(name, 60)}` : ''
}

/** `04:21:17 to 04:23:40 UTC · 180 × SIGSEGV, 16 × SIGABRT · 9 cores, 6 incomplete, 2 lost` */
function summaryOf(notifications: readonly Notification[]): string {
  const signals = tally(notifications, ({ report }) => plain(signalOf(report) ?? 'unknown signal', 40))
  const causes = signals.slice(0, 6).map(([signal, number]) => `${number} × ${signal}`)
  return [...timesOf(notifications), causes.join(', '), coresOf(notifications)].join(' · ')
}

function timesOf(notifications: readonly Notification[]): string[] {
  const times = notifications
    .map(({ report }) => Date.parse(report.time ?? ''))
    .filter(time => !Number.isNaN(time))
    .map(time => new Date(time).toISOString())
    .toSorted()
  const [first, last] = [times[0], times.at(-1)].map(time => time?.slice(11, 19))
  if (first === undefined) return []
  return [first === last ? `${first} UTC` : `${first} to ${last} UTC`]
}

function itemOf(workload: BatchWorkload, opened: ReadonlySet<Notification>): Item {
  const mine = openableOf(workload).filter(notification => opened.has(notification))
  const links = mine.map(linkOf).filter(link => link !== null)
  const { url } = mine.map(({ report: { core } }) => core?.kept ?? core).find(core => core?.url) ?? {}
  return {
    text: lineOf(workload),
    links: links.map((link, at) => (at === 0 ? link : { ...link, label: 'another' })),
    place: url === undefined ? null : plain(url),
  }
}

function linkOf({ link, outcome }: Notification): Link | null {
  const url = webLink(link)
  return url === null ? null : { label: outcome === 'suppressed' ? DOWNLOAD_KEPT : DOWNLOAD, url }
}

/** A reader whose workload has no line learns that there are more. */
function hiddenItems(workloads: readonly BatchWorkload[]): Item[] {
  if (workloads.length === 0) return []
  const notifications = workloads.flatMap(({ notices: notifications }) => notifications)
  const namespaces = new Set(notifications.map(({ report: { pod } }) => pod?.namespace ?? 'no namespace'))
  const names = [...namespaces].slice(0, SHOWN_NAMESPACES).map(name => plain(name, 63))
  const more = namespaces.size > SHOWN_NAMESPACES ? ` and ${namespaces.size - SHOWN_NAMESPACES} more` : ''
  const text = `and ${crashes(crashesIn(notifications))} ${titleEnd(workloads)} more in ${names.join(', ')}${more}`
  return [{ text, links: [], place: null }]
}
