/** How much of a core may lie in memory beside what it takes to stream it: one crash's share of the node's memory. */
export interface Allowance {
  /**
   * Whether `bytes` of it, in all, may be held now. Asks the node for more where that is over what was granted;
   * "no" may be "yes" later, and the other way round where the node runs short of memory. Synchronous and
   * cheap enough to be asked for each block of 4 MiB.
   */
  mayHold(bytes: number): boolean
  /** No more than `bytes` will be held from now on: what was granted beyond is the next crash's. */
  keep(bytes: number): void
}

/** Of who reads nothing ahead. */
export const NO_ALLOWANCE: Allowance = { mayHold: () => false, keep: () => undefined }
