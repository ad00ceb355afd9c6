import { read } from 'node:fs'
import { promisify } from 'node:util'
import type { FileBytes } from '../../crash/image/file-bytes.ts'
import type { OpenModule } from './evidence.ts'

/** What `find` makes of a file is asked for in so many steps at the most: headers, tables, names. */
const MOST_ROUNDS = 16
const MOST_BYTES = 4 << 20

const readAt = promisify(read)

/**
 * What `find` finds in a file, of which it gets what it asks for: read beside all else, for a read may hang, and a
 * process is held. `null`: it asks for too much. Rejects as `read()` does.
 */
export async function foundInFile<T>(
  { fd, sizeBytes }: OpenModule,
  find: (file: FileBytes) => T,
): Promise<T | null> {
  const known = new Map<string, Buffer>()
  let left = MOST_BYTES
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    const missed = new Map<string, readonly [number, number]>()
    const found = find({
      sizeBytes,
      read(offset, lengthBytes) {
        if (offset < 0 || lengthBytes < 0 || offset + lengthBytes > sizeBytes) return null
        const place = `${offset} ${lengthBytes}`
        const bytes = known.get(place)
        if (bytes === undefined) missed.set(place, [offset, lengthBytes])
        return bytes?.length === lengthBytes ? bytes : null
      },
    })
    if (missed.size === 0) return found
    for (const [place, [offset, lengthBytes]] of missed) {
      left -= lengthBytes
      if (left < 0) return null
      const { bytesRead, buffer } = await readAt(fd, Buffer.alloc(lengthBytes), 0, lengthBytes, offset)
      known.set(place, buffer.subarray(0, bytesRead))
    }
  }
  return null
}
