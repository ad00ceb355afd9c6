import type { EventRecorder } from './event-recorder.ts'
import { followKernelLog, type KernelLogOptions } from './kernel-log.ts'
import type { Metrics } from './metrics.ts'

/** What is told of a core that the kernel dropped, beside the log. */
interface DropAudience {
  readonly metrics: Pick<Metrics, 'countDrop'>
  readonly recorder: Pick<EventRecorder, 'recordNodeEvent'>
}

/** Counts each core that the kernel dropped, and makes an Event of it, until `signal` is aborted. */
export function tellOfDrops(
  { metrics, recorder }: DropAudience,
  options: KernelLogOptions,
  signal: AbortSignal,
): Promise<void> {
  return followKernelLog(
    drop => {
      metrics.countDrop(drop)
      recorder.recordNodeEvent('CoreDumpDropped', `${drop.text}. ${drop.hint}`)
    },
    options,
    signal,
  )
}
