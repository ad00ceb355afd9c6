/** One object to be written, whole or in parts. */
export interface PartedObject {
  putWhole(bytes: Uint8Array): Promise<void>
  begin(): Promise<PartedUpload>
  /** Goes on with an upload that another process began. Sends no request yet. */
  resume(uploadId: string): PartedUpload
  /** Its size in bytes; `hidden` when we may not look. */
  look(): Promise<number | 'absent' | 'hidden'>
  /**
   * Aborts all that was begun of it: the handler that began it was killed before it could note the id, or
   * never received it. No other process may be writing it. Where we may not list uploads, nothing is done.
   */
  abortAll(): Promise<void>
}

/** An upload that has begun. Until `complete` nothing of it can be seen. */
export interface PartedUpload {
  readonly id: string
  /** `bytes` must stay as they are until this settles. */
  putPart(number: number, bytes: Uint8Array, signal: AbortSignal): Promise<StoredPart>
  /** Rejects with a {@link LostError} where the store says that it does not have what it confirmed. */
  complete(parts: readonly StoredPart[]): Promise<void>
  /**
   * The parts that the store has, in their order; `null` if the upload is not there: completed, aborted, or
   * forgotten.
   */
  storedParts(): Promise<readonly SizedPart[] | null>
  /** Has its own deadline. An upload that is no longer there counts as aborted. */
  abort(): Promise<void>
}

export interface StoredPart {
  readonly number: number
  readonly etag: string
  readonly crc32?: string
}

export interface SizedPart extends StoredPart {
  readonly sizeBytes: number
}
