import type { ReportFrame, ReportThread } from '../../crash/report.ts'

/** Spool and outbox take reports of a MiB: the threads, and each stack. */
const LARGEST_BYTES = 256 * 1024

/** As many of the threads, or of the frames of a stack, as have room in a report, the first ones first. */
export function fitting<Item extends ReportThread | ReportFrame>(items: readonly Item[]): readonly Item[] {
  let bytes = 0
  return items.filter(item => {
    bytes += Buffer.byteLength(JSON.stringify(item))
    return bytes <= LARGEST_BYTES
  })
}
