import type { ReportThread } from '../../crash/report.ts'

/** Spool and outbox take reports of a MiB. */
const LARGEST_BYTES = 256 * 1024

/** As many of `threads` as have room in a report. */
export function fittingThreads(threads: readonly ReportThread[]): readonly ReportThread[] {
  let bytes = 0
  return threads.filter(thread => {
    bytes += Buffer.byteLength(JSON.stringify(thread))
    return bytes <= LARGEST_BYTES
  })
}
