import type { Requests } from './fleet-bucket.ts'

/** What one night was. */
export interface NightFigures {
  readonly crashes: number
  readonly cores: number
  /** When people were told of something, in seconds after the first crash. */
  readonly messages: readonly number[]
  readonly nightSeconds: number
  /** Crashes that the objects of all nodes count; `null`: none do. */
  readonly counted: number | null
  readonly night: Readonly<Requests>
  /** From the first crash on, the night in it. */
  readonly firstDay: Readonly<Requests>
  /** The 24 hours after the night. */
  readonly quietDay: Readonly<Requests>
}

/** List prices of S3 in us-east-1, in dollars for a million. */
const DOLLARS = { puts: 5, lists: 5, gets: 0.4 } as const
const TWO_HOURS = 7200

export function dollarsOf({ puts, lists, gets }: Readonly<Requests>): number {
  return (puts * DOLLARS.puts + lists * DOLLARS.lists + gets * DOLLARS.gets) / 1e6
}

export function uncountedOf({ crashes, counted }: NightFigures): number {
  return crashes - (counted ?? 0)
}

export function firstMessageOf({ messages }: NightFigures): number {
  return messages[0] ?? Number.POSITIVE_INFINITY
}

export function messagesIn2h({ messages }: NightFigures): number {
  return messages.filter(at => at <= TWO_HOURS).length
}

/** In the day after the night. */
export function messagesInADay({ messages, nightSeconds }: NightFigures): number {
  return messages.filter(at => at > nightSeconds).length
}

/** All of it in one line, for a program to read. */
export function lineOf(figures: NightFigures): string {
  const { cores, night, quietDay, firstDay } = figures
  const fields = {
    'first-message-seconds': firstMessageOf(figures).toFixed(0),
    'messages-2h': messagesIn2h(figures),
    'messages-day': messagesInADay(figures),
    cores,
    uncounted: uncountedOf(figures),
    puts: night.puts,
    'lists-per-day': quietDay.lists,
    'dollars-per-day': dollarsOf(firstDay).toFixed(2),
  }
  return Object.entries(fields)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ')
}
