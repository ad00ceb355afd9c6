import { randomUUID } from 'node:crypto'
import { closeSync, ftruncateSync, openSync, read, unlinkSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'

/**
 * What comes from the pipe `fd`, at most `limitBytes` of it, in a file without a name, which is gone when it is
 * closed or we are: a stack is found by an address at the beginning of a core, and lies at its end. Zeros take no
 * room. TMPDIR says where it is.
 */
export async function keptStream(fd: number, limitBytes: number): Promise<number> {
  const kept = unnamedFile()
  try {
    await using file = await open(`/proc/self/fd/${kept}`, 'r+')
    ftruncateSync(kept, await copy(fd, file, limitBytes))
    return kept
  } catch (cause) {
    closeSync(kept)
    throw cause
  }
}

function unnamedFile(): number {
  const name = path.join(tmpdir(), `coredog-replay-${randomUUID()}`)
  const fd = openSync(name, 'wx+', 0o600)
  unlinkSync(name)
  return fd
}

const CHUNK_BYTES = 64 * 1024
const ZEROS = Buffer.alloc(CHUNK_BYTES)
const readNext = promisify(read)

/** Returns how long it is. */
async function copy(fd: number, file: FileHandle, limitBytes: number): Promise<number> {
  const buffer = Buffer.alloc(CHUNK_BYTES)
  for (let position = 0; ; ) {
    const { bytesRead } = await readNext(fd, buffer, 0, Math.min(CHUNK_BYTES, limitBytes - position), null)
    if (bytesRead === 0) return position
    const chunk = buffer.subarray(0, bytesRead)
    if (!chunk.equals(ZEROS.subarray(0, bytesRead))) await writeAll(file, chunk, position)
    position += bytesRead
  }
}

/** A disk that fills up takes less than it was given, and says so at the next write. */
async function writeAll(file: FileHandle, chunk: Buffer, position: number): Promise<void> {
  for (let at = 0; at < chunk.length; )
    at += (await file.write(chunk, at, chunk.length - at, position + at)).bytesWritten
}
