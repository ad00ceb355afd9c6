import type { StoredPart } from './parted-object.ts'

/**
 * What takes over when a store does not take an object to its end. What the store has stays there, the rest
 * goes to the {@link Spill}, and the installer finishes the same upload later.
 */
export interface Failover {
  /**
   * Aborts when the store has had time enough: the rest goes to the spill then, as if the store had failed.
   */
  readonly overdue: AbortSignal
  /**
   * An upload has begun. Awaited before its first part is sent: a process that knows its id can finish or
   * remove it.
   */
  begun(upload: BegunUpload): Promise<void>
  /**
   * Called once, when the store has failed for good. Rejects if nothing can take over: then the put fails.
   */
  takeOver(situation: Situation): Promise<Spill>
}

export interface BegunUpload {
  readonly uploadId: string
  /** Size of every part but the last. */
  readonly partBytes: number
}

export interface Situation {
  /** `null`: not even that could be had. Every part goes to the spill then. */
  readonly uploadId: string | null
  /** Size of every part but the last. */
  readonly partBytes: number
  /** What the store has confirmed, in no order. It may have more. */
  readonly stored: readonly StoredPart[]
  readonly cause: unknown
  /** Absent: what the store has confirmed it has, as far as we know. */
  readonly lost?: LostPart
}

/** Where the core ends because the store lost what it had confirmed, and there is no other copy. */
export interface LostPart {
  /** The first one that is gone; what comes after it cannot be unpacked. */
  readonly number: number
  readonly reason: string
}

export interface Spill {
  /** Keeps a part. Resolves once it is durable; `bytes` are the caller's again then. */
  keep(number: number, bytes: Uint8Array): Promise<void>
  /**
   * All parts up to `lastPart` are kept or stored. `isConfirmed`: the store has said that it has them as the
   * object, and was not seen to.
   */
  end(lastPart: number, isConfirmed: boolean): Promise<void>
}

/**
 * How a put went: the store has all of the object, and it was seen there (`stored`), or it says so and does
 * not let us look (`unseen`), or did not answer when we looked and no later look is planned (`unanswered`);
 * or another process has what is missing, or looks again (`failed over`).
 */
export type PutOutcome = 'stored' | 'unseen' | 'unanswered' | 'failed over'

/** Nothing takes over: what the store does not take fails. */
export function noFailover(): Failover {
  return {
    overdue: new AbortController().signal,
    begun: async () => undefined,
    takeOver: ({ cause }) => Promise.reject(cause),
  }
}
