import { constants, open } from 'node:fs/promises'
import { messageOf, OperatorError } from '../crash/errors.ts'
import { codeOf, isMissing } from '../crash/system-error.ts'

const MOST_BYTES = 1024 * 1024

/** The text of a file of at most a mebibyte; `null`: there is none. Rejects with an {@link OperatorError}. */
export async function readSmallFile(file: string): Promise<string | null> {
  try {
    return await readAtMost(MOST_BYTES, file)
  } catch (error) {
    if (isMissing(error)) return null
    throw error instanceof OperatorError ? error : unreadable(file, error)
  }
}

async function readAtMost(bytes: number, file: string): Promise<string> {
  // Non-blocking, because opening a FIFO would wait for a process that writes into it.
  await using handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK)
  const stat = await handle.stat()
  if (!stat.isFile()) {
    throw new OperatorError(`Cannot read "${file}": it is not a file`, 'Give the path of the file itself.')
  }
  if (stat.size > bytes) {
    throw new OperatorError(
      `Cannot read "${file}": it has ${stat.size} bytes, at most ${bytes} are allowed`,
      'Check that it is the configuration; it usually has less than a hundred lines.',
    )
  }
  return handle.readFile('utf8')
}

/** Why `file` could not be read, for an operator. */
export function unreadable(file: string, cause: unknown): OperatorError {
  const denied = ['EACCES', 'EPERM'].includes(codeOf(cause))
  return new OperatorError(
    `Cannot read "${file}": ${denied ? 'permission denied' : messageOf(cause)}`,
    denied
      ? 'Run this as root, or let its user read the file.'
      : 'Check the path and the file system it is on.',
    cause,
  )
}
