/** What one installer does for all is ours. */
export interface Held {
  /** Aborts when it is ours no more: what is done under it ends then. */
  readonly signal: AbortSignal
}

/** `null`: another one has it, or may have. Never waits for it. */
export type TryHold = () => Promise<Held | null>
