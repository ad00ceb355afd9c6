import { isUtf8 } from 'node:buffer'
import { plain } from '../../untrusted/plain-text.ts'
import type { Memory } from '../image/memory.ts'

/** Paths of crates from a registry have some 120. */
const LONGEST_FILE_BYTES = 512
const [MOST_LINES, MOST_COLUMNS] = [10_000_000, 100_000]
const LOCATION_BYTES = 24

/**
 * `src/main.rs:12:5`, of the core::panic::Location at `address`: where a file's name is and how long, line and
 * column (library/core/src/panic/location.rs; the same since Rust 1.40). `null`: it is none.
 */
export function rustLocationAt(memory: Memory, address: bigint): string | null {
  const location = memory.read(address, LOCATION_BYTES)
  if (location === null) return null
  const [lengthBytes, line, column] = [
    location.readBigUInt64LE(8),
    location.readUInt32LE(16),
    location.readUInt32LE(20),
  ]
  if (lengthBytes < 4n || lengthBytes > LONGEST_FILE_BYTES) return null
  if (line < 1 || line > MOST_LINES || column < 1 || column > MOST_COLUMNS) return null
  const file = fileAt(memory, location.readBigUInt64LE(0), Number(lengthBytes))
  return file === null ? null : `${file}:${line}:${column}`
}

/** Of some releases a NUL belongs to the name. */
function fileAt(memory: Memory, address: bigint, lengthBytes: number): string | null {
  const bytes = memory.read(address, lengthBytes)
  if (bytes === null || !isUtf8(bytes)) return null
  const file = bytes.toString('utf8').replace(/\0$/, '')
  return file.endsWith('.rs') && !/\p{Cc}/u.test(file) ? plain(file, LONGEST_FILE_BYTES) : null
}
