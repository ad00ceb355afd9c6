const SECONDS = { d: 86_400, h: 3_600, m: 60, s: 1, ms: 0.001 }

/** What {@link parseDuration} reads, in words for a person. */
export const DURATION_FORM = 'seconds, or numbers with d, h, m, s or ms, such as 5m or 1h30m'

/**
 * Seconds in `text`, written as Go writes durations: `5m`, `1h30m`, `0s`; a plain number is seconds. Each
 * unit stands at most once, the longer one first. `undefined` when it is no duration.
 */
export function parseDuration(text: string): number | undefined {
  if (/^\d+$/.test(text)) return bounded(Number(text))
  const match = /^(?=\d)(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m(?!s))?(?:(\d+)s)?(?:(\d+)ms)?$/.exec(text)
  if (match === null) return undefined
  const counts = match.slice(1).map(count => Number(count ?? 0))
  return bounded(Object.values(SECONDS).reduce((sum, unit, at) => sum + unit * (counts[at] ?? 0), 0))
}

// In milliseconds it has to stay a number that timers and clocks can count with.
function bounded(seconds: number): number | undefined {
  return seconds * 1000 <= Number.MAX_SAFE_INTEGER ? seconds : undefined
}
