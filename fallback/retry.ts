const FIRST_RETRY_MS = 10_000
export const LONGEST_RETRY_MS = 600_000

/** How long a file waits after so many failures: later with each time, up to ten minutes. In milliseconds. */
export function retryMs(failures: number): number {
  return Math.min(FIRST_RETRY_MS * 2 ** (failures - 1), LONGEST_RETRY_MS)
}
