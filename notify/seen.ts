import type { CrashReport, ReportSeen } from '../crash/report.ts'
import { plain } from '../untrusted/plain-text.ts'

const LONGEST_IMAGE = 80
const DAY_MILLISECONDS = 86_400_000
/** On the seventh the name of the day would be that of today. */
const MOST_DAYS_BY_NAME = 6

/**
 * `New on this node, since checkout:1.4.2`, or `36th time since Tuesday` and in which image it began, if that was
 * another one. Days are UTC. `null`: nothing is known of crashes like it.
 */
export function seenLine({ seen, time, container }: CrashReport): string | null {
  if (seen?.count === undefined) return null
  const image = seen.firstImage === undefined ? undefined : shownImage(seen.firstImage)
  if (seen.count === 1) return image === undefined ? 'New on this node' : `New on this node, since ${image}`
  const isOtherImage = seen.firstImage !== container?.image
  const began = image !== undefined && isOtherImage ? `, first in ${image}` : ''
  return `${ordinal(seen.count)} time${sinceWhen(seen, time)} on this node${began}`
}

/** Without registry, folders and digest: those are in the report. */
function shownImage(image: string): string {
  const [name = ''] = image.slice(image.lastIndexOf('/') + 1).split('@', 1)
  return plain(name, LONGEST_IMAGE)
}

function sinceWhen({ first, last }: ReportSeen, time = last): string {
  const [began, now] = [new Date(first ?? ''), new Date(time ?? '')]
  if (Number.isNaN(began.getTime()) || Number.isNaN(now.getTime())) return ''
  const days = dayOf(now) - dayOf(began)
  if (days === 0) return ` since ${began.toISOString().slice(11, 16)} UTC`
  return ` since ${days > 0 && days <= MOST_DAYS_BY_NAME ? WEEKDAYS[began.getUTCDay()] : dateOf(began, now)}`
}

function dayOf(time: Date): number {
  return Math.floor(time.getTime() / DAY_MILLISECONDS)
}

// Not by Intl: it takes longer to load than all the rest of a message.
const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']
const MONTHS = 'January February March April May June July August September October November December'.split(
  ' ',
)

function dateOf(began: Date, now: Date): string {
  const [year, date] = [began.getUTCFullYear(), `${began.getUTCDate()} ${MONTHS[began.getUTCMonth()]}`]
  return year === now.getUTCFullYear() ? date : `${date} ${year}`
}

function ordinal(count: number): string {
  const [tens, ones] = [Math.floor(count / 10) % 10, count % 10]
  return `${count}${tens === 1 ? 'th' : (ENDINGS[ones] ?? 'th')}`
}

const ENDINGS: Readonly<Record<number, string>> = { 1: 'st', 2: 'nd', 3: 'rd' }
