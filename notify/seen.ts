import type { CrashReport, ReportSeen } from '../crash/report.ts'
import { plain } from '../untrusted/plain-text.ts'
import type { Language, Since } from './language/language.ts'

const LONGEST_IMAGE = 80
const DAY_MILLISECONDS = 86_400_000
/** On the seventh the name of the day would be that of today. */
const MOST_DAYS_BY_NAME = 6

/**
 * `New on this node, since checkout:1.4.2`, or `36th time since Tuesday on this node` and in which image it began,
 * if that was another one. Days are UTC. `null`: nothing is known of crashes like it.
 */
export function seenLine({ seen, time, container }: CrashReport, language: Language): string | null {
  if (seen?.count === undefined) return null
  const { count, firstImage } = seen
  const image = firstImage === undefined ? undefined : shownImage(firstImage)
  if (count === 1) return language.seenFirst({ image })
  const isOtherImage = firstImage !== container?.image
  return language.seenAgain({
    count,
    since: sinceWhen(seen, time),
    firstImage: isOtherImage ? image : undefined,
  })
}

/** Without registry, folders and digest: those are in the report. */
function shownImage(image: string): string {
  const [name = ''] = image.slice(image.lastIndexOf('/') + 1).split('@', 1)
  return plain(name, LONGEST_IMAGE)
}

function sinceWhen({ first, last }: ReportSeen, time = last): Since | undefined {
  const [began, now] = [new Date(first ?? ''), new Date(time ?? '')]
  if (Number.isNaN(began.getTime()) || Number.isNaN(now.getTime())) return undefined
  const days = dayOf(now) - dayOf(began)
  if (days === 0) return { kind: 'today', time: began.toISOString().slice(11, 16) }
  if (days > 0 && days <= MOST_DAYS_BY_NAME) return { kind: 'weekday', weekday: began.getUTCDay() }
  const year = began.getUTCFullYear()
  return {
    kind: 'date',
    day: began.getUTCDate(),
    month: began.getUTCMonth(),
    year: year === now.getUTCFullYear() ? undefined : year,
  }
}

function dayOf(time: Date): number {
  return Math.floor(time.getTime() / DAY_MILLISECONDS)
}
