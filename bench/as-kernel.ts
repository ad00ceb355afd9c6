/** What can be seen of a program from outside, by the program of as-kernel.c. */
export interface SeenRun {
  /** Milliseconds of Date.now(), with fractions: when it was exec'ed. */
  readonly startedAtMs: number
  /** From exec to when it first read of its core; below 0: it was not fed, or never read. */
  readonly firstReadMs: number
  /** From exec to its end. */
  readonly exitMs: number
  readonly userSeconds: number
  readonly systemSeconds: number
  /** What it had in memory at most. */
  readonly peakBytes: number
  /** As a shell's `$?`. */
  readonly status: number
}

/** Throws if the program did not end well: what it took is of no interest then. */
export function parseSeenRun(line: string): SeenRun {
  const seen = JSON.parse(line) as SeenRun // as-kernel.c prints every field
  if (seen.status !== 0) throw new Error(`what was to be measured ended with status ${seen.status}`)
  return seen
}
