const HOUR_MS = 60 * 60_000

/** How often the store is asked. A quiet one answers the short look with three listings, the long one with seven. */
export interface Rhythm {
  readonly pauseSeconds: number
  /** At each look. */
  readonly shortMs: number
  /** At the first, and then every {@link Rhythm.looksToLong}: what was stored long after it crashed. */
  readonly longMs: number
  readonly looksToLong: number
  readonly mostNames: number
}

export const RHYTHM: Rhythm = {
  pauseSeconds: 5,
  shortMs: HOUR_MS,
  longMs: 24 * HOUR_MS,
  looksToLong: 12,
  mostNames: 20_000,
}
