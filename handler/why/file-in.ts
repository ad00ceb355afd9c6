import { readSync } from 'node:fs'
import type { FileBytes } from '../../crash/image/file-bytes.ts'
import type { OpenModule } from './evidence.ts'

/** The bytes of a file that is open. A file that was cut since ends early. */
export function fileIn({ fd, sizeBytes }: Pick<OpenModule, 'fd' | 'sizeBytes'>): FileBytes {
  return {
    sizeBytes,
    read(offset, lengthBytes) {
      if (offset < 0 || lengthBytes < 0 || offset + lengthBytes > sizeBytes) return null
      const bytes = Buffer.alloc(lengthBytes)
      try {
        return readSync(fd, bytes, 0, lengthBytes, offset) === lengthBytes ? bytes : null
      } catch {
        return null
      }
    },
  }
}
