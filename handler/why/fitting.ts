import type { ReportFrame, ReportThread } from '../../crash/report.ts'

/** Spool and outbox take reports of a MiB: the threads, and each stack. */
const LARGEST_BYTES = 256 * 1024

/** As many of `threads` as have room in a report. */
export function fittingThreads(threads: readonly ReportThread[]): readonly ReportThread[] {
  return fitting(threads)
}

/** As many of `frames` as have room in a report, the innermost first. */
export function fittingFrames(frames: readonly ReportFrame[]): readonly ReportFrame[] {
  return fitting(frames)
}

function fitting<Item>(items: readonly Item[]): readonly Item[] {
  let bytes = 0
  return items.filter(item => {
    bytes += Buffer.byteLength(JSON.stringify(item))
    return bytes <= LARGEST_BYTES
  })
}
