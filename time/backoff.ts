/**
 * How pauses grow while something fails again and again; both lengths in the same unit, which is that of the
 * pause.
 */
interface Backoff {
  /** After the first failure. */
  readonly first: number
  /** No pause is longer. */
  readonly longest: number
  /** Each pause is so many times the one before: 2 if not given. */
  readonly factor?: number
}

/**
 * The pause after so many failures in a row, from 1. By how much chance it is spread, each caller says
 * itself.
 */
export function backoff({ first, longest, factor = 2 }: Backoff, failures: number): number {
  return Math.min(first * factor ** (failures - 1), longest)
}
