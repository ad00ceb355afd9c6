import { OperatorError } from '../crash/errors.ts'

// The limit of S3, in bytes of UTF-8; no file system we know takes less.
const MAX_KEY_BYTES = 1024

/** Of a key that no store may have. */
export class WrongKeyError extends OperatorError {}

/**
 * `key` below `storeDir`, as a store names it. Refuses what would be another place in a file system, or
 * another object behind a proxy that tidies paths: absolute, `..`, `a//b`, NUL.
 */
export function fullKey(storeDir: string, key: string): string {
  const full = joined(storeDir, key)
  const fault = faultOf(key, full)
  if (fault !== null) {
    throw new WrongKeyError(`the key ${fault}`, 'This is a bug in CoreDog: please report it with this line.')
  }
  return full
}

/** `key` or the beginning of one, below `storeDir`, unchecked. */
export function joined(storeDir: string, key: string): string {
  return storeDir === '' ? key : `${storeDir}/${key}`
}

function faultOf(key: string, full: string): string | null {
  if (key.includes('\0')) return 'holds a NUL'
  if (full.split('/').some(segment => segment === '' || segment === '.' || segment === '..')) {
    return 'has a segment that is empty, "." or ".."'
  }
  return Buffer.byteLength(full) > MAX_KEY_BYTES ? `is longer than ${MAX_KEY_BYTES} bytes` : null
}
