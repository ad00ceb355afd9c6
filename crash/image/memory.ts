/** The memory of a process, or what was copied of it. Never throws. */
export interface Memory {
  /** Exactly `lengthBytes` from `address` on, not to be written to; `null`: they are not all at hand. */
  read(address: bigint, lengthBytes: number): Buffer | null
}
