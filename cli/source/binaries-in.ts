import { fieldsOf } from './coredump-in.ts'
import type { StoredBinary } from './source.ts'

/** A process has a few hundred files of code. */
const MOST = 4096

/** What a server says of programs: what is none of ours is left out, and so are symbols, which are no program. */
export function binariesIn(value: unknown): readonly StoredBinary[] {
  const { items } = fieldsOf(value)
  return Array.isArray(items) ? items.slice(0, MOST).flatMap(binaryIn) : []
}

function binaryIn(value: unknown): readonly StoredBinary[] {
  const { path, buildId, sha256, sizeBytes, isSymbols } = fieldsOf(value)
  if (isSymbols === true || typeof path !== 'string' || !Number.isSafeInteger(sizeBytes)) return []
  if (typeof sha256 !== 'string' || !/^[0-9a-f]{64}$/.test(sha256)) return []
  const known = typeof buildId === 'string' && /^(?:[0-9a-f]{2}){1,64}$/.test(buildId) ? buildId : null
  return [{ path, buildId: known, sha256, sizeBytes: sizeBytes as number }]
}
