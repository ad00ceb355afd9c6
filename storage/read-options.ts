/** Which bytes of an object, counted from 0; both are among them. */
export interface ByteRange {
  /** Absent: from its beginning. */
  readonly firstByte?: number
  /** Absent, or behind the end: to its end. */
  readonly lastByte?: number
}

export interface ReadOptions extends ByteRange {
  /** When it aborts, the bytes end, too. */
  readonly signal?: AbortSignal | undefined
}

/** Whether less than all of it is asked for. */
export function isRange({ firstByte, lastByte }: ByteRange): boolean {
  return firstByte !== undefined || lastByte !== undefined
}
