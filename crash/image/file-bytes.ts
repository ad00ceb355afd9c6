/** The bytes of a file, or of as much of it as is at hand. Never throws. */
export interface FileBytes {
  readonly sizeBytes: number
  /** Exactly `lengthBytes` from `offset` on, not to be written to; `null`: they are not all there. */
  read(offset: number, lengthBytes: number): Buffer | null
}

/** Those of a file that was read whole. */
export function bytesOf(content: Buffer): FileBytes {
  return {
    sizeBytes: content.length,
    read: (offset, lengthBytes) =>
      offset < 0 || lengthBytes < 0 || offset + lengthBytes > content.length
        ? null
        : content.subarray(offset, offset + lengthBytes),
  }
}
