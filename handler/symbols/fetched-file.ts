import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { OperatorError } from '../../crash/errors.ts'
import type { Room } from '../../crash/image/room.ts'

/** What came from elsewhere, in a file without a name: it is gone when it is closed, or we are. */
export interface FetchedFile {
  readonly handle: FileHandle
  readonly sizeBytes: number
}

/** Of open(2), with the flag that all processors have in a place of their own. Node has no name for it. */
const O_TMPFILE = 0o20000000 | constants.O_DIRECTORY
export const LARGEST_FILE_BYTES = 64 << 20
const SMALLER = 'coredog-handler symbols upload makes small ones; what debuginfod servers have may be large.'

/**
 * Keeps `body` in a file of the file system that `folder` is on, as far as there is room for it. Rejects with the
 * errors of both, and when `signal` has aborted.
 */
export async function fetchedFile(
  body: AsyncIterable<Uint8Array>,
  { folder, room, signal }: { readonly folder: string; readonly room: Room; readonly signal: AbortSignal },
): Promise<FetchedFile> {
  const handle = await open(folder, O_TMPFILE | constants.O_RDWR, 0o600)
  // A disk may say only now what it did not write: nobody wants that any more.
  const close = () => void handle.close().catch(() => undefined)
  // Also where nothing comes any more.
  signal.addEventListener('abort', close)
  try {
    let sizeBytes = 0
    for await (const chunk of body) {
      signal.throwIfAborted()
      if (sizeBytes + chunk.length > LARGEST_FILE_BYTES || !room.take(chunk.length))
        throw new OperatorError(
          `its file is larger than ${LARGEST_FILE_BYTES >> 20} MiB, or all are`,
          SMALLER,
        )
      await writeAll(handle, chunk, sizeBytes)
      sizeBytes += chunk.length
    }
    signal.throwIfAborted()
    return { handle, sizeBytes }
  } catch (cause) {
    close()
    throw cause
  } finally {
    signal.removeEventListener('abort', close)
  }
}

/** A disk that fills up takes less than it was given, and says so at the next write. */
async function writeAll(handle: FileHandle, chunk: Uint8Array, position: number): Promise<void> {
  for (let at = 0; at < chunk.length; )
    at += (await handle.write(chunk, at, chunk.length - at, position + at)).bytesWritten
}
