import type { CrashReport, ReportSeen } from '../crash/report.ts'
import type { Language, Since } from './language/language.ts'
import { shownImage } from './shown-image.ts'

const DAY_MILLISECONDS = 86_400_000
/** On the seventh the name of the day would be that of today. */
const MOST_DAYS_BY_NAME = 6

/**
 * `New: the first of its kind on this node, in checkout:1.4.2`, or `36th time since Tuesday, on 4 nodes` and in which image it began, if
 * that was another one; `on this node` where that is all that is known. Days are UTC. `null`: nothing is known of crashes like it.
 */
export function seenLine({ seen, time, container }: CrashReport, language: Language): string | null {
  if (seen?.count === undefined) return null
  const { count, firstImage, nodes } = seen
  const image = firstImage === undefined ? undefined : shownImage(firstImage)
  if (count === 1) return language.seenFirst({ image, nodes })
  const isOtherImage = firstImage !== container?.image
  return language.seenAgain({
    ...{ count, nodes },
    since: sinceWhen(seen, time),
    firstImage: isOtherImage ? image : undefined,
  })
}

/** When that was, as seen from `last`; `undefined`: nobody knows. */
export function sinceWhen({ first, last }: ReportSeen, time = last): Since | undefined {
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
