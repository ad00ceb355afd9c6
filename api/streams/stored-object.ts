import type { ObjectInfo } from '../../storage/object-store.ts'

/** An object of the store that is sent as it lies there. */
export interface StoredObject {
  readonly info: ObjectInfo
  /** `Content-Type` */
  readonly type: string
  /** What a file of it is to be called: letters, digits, `.`, `_`, `-`. */
  readonly savedAs: string
  /** `core`, `log`: what the log says was read. */
  readonly what: string
  /** In hexadecimal, of all of it; absent: it is not known. */
  readonly sha256?: string | undefined
  /** Further headers. */
  readonly headers?: Readonly<Record<string, string>>
}

/** Strong: another object under the same key has another time or another size. */
export function etagOf({ sizeBytes, storedAt }: ObjectInfo): string {
  return `"${storedAt.getTime().toString(36)}-${sizeBytes.toString(36)}"`
}
