import { moreCrashes, signalOf, titleOf } from './facts.ts'
import type { Note, Notice } from './notice.ts'
import { plain } from './plain-text.ts'
import { webLink } from './web-link.ts'

/** So many crashes are told of one by one; what waits beyond them becomes one message. */
export const MOST_ONE_BY_ONE = 5
/** So many of a storm are shown: the chat with the least room takes them with their links. */
export const SHOWN_OF_A_STORM = 5
/** A line is cut behind it, and half a link opens nothing. */
const LONGEST_LINE = 600

/** What is said of many crashes at once: how many, of what, and the first of them. Those are the ones to be opened. */
export function stormNote(notices: readonly Notice[]): Note {
  const hidden = notices.length - SHOWN_OF_A_STORM
  return {
    // A bot may want the word; without a footnote it stands here.
    title: `CoreDog: ${counted(notices.length)}${where(notices)}`,
    lines: [
      summaryOf(notices),
      ...notices.slice(0, SHOWN_OF_A_STORM).map(lineOf),
      ...(hidden > 0 ? [`and ${counted(hidden, 'more crash')}: each has its report in the store`] : []),
    ],
  }
}

function counted(number: number, what = 'crash', plural = 'es'): string {
  return `${number} ${what}${number === 1 ? '' : plural}`
}

function where(notices: readonly Notice[]): string {
  const names = new Set(notices.map(({ report }) => report.node?.name))
  const [name] = names
  return names.size === 1 && name !== undefined ? ` on ${plain(name, 60)}` : ''
}

/** `180 SIGSEGV, 16 SIGABRT · 6 cores incomplete, 2 lost` */
function summaryOf(notices: readonly Notice[]): string {
  const signals = tally(notices.map(({ report }) => signalOf(report) ?? 'unknown signal'))
  const { incomplete = 0, lost = 0 } = Object.fromEntries(tally(notices.map(({ outcome }) => outcome)))
  const causes = signals.map(([signal, number]) => `${number} ${plain(signal, 40)}`).slice(0, 6)
  const cores = [
    ...(incomplete > 0 ? [`${counted(incomplete, 'core', 's')} incomplete`] : []),
    ...(lost > 0 ? [`${counted(lost, 'core', 's')} lost`] : []),
  ]
  return [causes.join(', '), cores.join(', ')].filter(part => part !== '').join(' · ')
}

/** The most frequent first. */
function tally(names: readonly string[]): (readonly [name: string, number: number])[] {
  const counts = new Map<string, number>()
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
  return [...counts].sort(([, one], [, other]) => other - one)
}

function lineOf(notice: Notice): string {
  const { outcome, report, link } = notice
  const title = plain(titleOf(report), 140)
  if (outcome === 'lost') return `${title}: core lost`
  if (outcome === 'suppressed') return `${title}: ${moreCrashes(report)}, no core kept`
  const line = `${title}${outcome === 'incomplete' ? ', core incomplete' : ''}`
  const places = [webLink(link), report.core?.url].filter(place => place !== null && place !== undefined)
  return places.map(place => `${line}: ${place}`).find(({ length }) => length <= LONGEST_LINE) ?? line
}
