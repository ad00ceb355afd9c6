import type { Since } from './language.ts'

// Not by Intl: it takes longer to load than all the rest of a message.
const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']
const MONTHS = 'January February March April May June July August September October November December'.split(
  ' ',
)

/** `00:07 UTC`, `Tuesday`, `20 November`, `31 December 2025` */
export function sinceEn(since: Since): string {
  switch (since.kind) {
    case 'today':
      return `${since.time} UTC`
    case 'weekday':
      return WEEKDAYS[since.weekday] ?? ''
    default:
      return [since.day, MONTHS[since.month], since.year].filter(part => part !== undefined).join(' ')
  }
}

/** `36th` */
export function ordinal(count: number): string {
  const [tens, ones] = [Math.floor(count / 10) % 10, count % 10]
  return `${count}${tens === 1 ? 'th' : (ENDINGS[ones] ?? 'th')}`
}

const ENDINGS: Readonly<Record<number, string>> = { 1: 'st', 2: 'nd', 3: 'rd' }
