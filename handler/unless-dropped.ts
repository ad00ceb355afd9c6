import type { Failover } from '../storage/parts/failover.ts'
import { anySignal } from '../time/any-signal.ts'

/** `failover` as long as the core is wanted: once `dropped` aborts, nothing takes over, and its upload ends at once. */
export function unlessDropped(failover: Failover, dropped: AbortSignal): Failover {
  return {
    overdue: anySignal([failover.overdue, dropped]),
    begun: upload => failover.begun(upload),
    takeOver: situation => (dropped.aborted ? Promise.reject(situation.cause) : failover.takeOver(situation)),
  }
}
