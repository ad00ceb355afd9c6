import { constants, open } from 'node:fs/promises'
import path from 'node:path'
import { messageOf, OperatorError } from '../crash/errors.ts'
import { type ParsedConfig, parseConfig } from './parse-config.ts'

const SECRETS_FILE = 'coredog-secrets.yaml'

const MOST_BYTES = 1024 * 1024

/**
 * Reads and parses `file`, and `coredog-secrets.yaml` beside it if there is one. Rejects with an
 * {@link OperatorError} when one of them cannot be read, or says what {@link parseConfig} refuses.
 */
export async function readConfig(file: string): Promise<ParsedConfig> {
  const secretsFile = path.join(path.dirname(file), SECRETS_FILE)
  const [text, secrets] = await Promise.all([readSmall(file), readSmall(secretsFile)])
  if (text === null) {
    throw new OperatorError(
      `Cannot read "${file}": there is no such file`,
      'Write it (docs/configuration.md shows how), or name another one with --config=FILE.',
    )
  }
  return parseConfig(text, { file, secretsFile, ...(secrets !== null && { secrets }) })
}

/** `null`: there is no such file. */
async function readSmall(file: string): Promise<string | null> {
  try {
    return await readAtMost(MOST_BYTES, file)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return null
    throw error instanceof OperatorError ? error : unreadable(file, code, error)
  }
}

async function readAtMost(bytes: number, file: string): Promise<string> {
  // Non-blocking, because opening a FIFO would wait for somebody to write into it.
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

function unreadable(file: string, code: string | undefined, cause: unknown): OperatorError {
  const denied = code === 'EACCES' || code === 'EPERM'
  return new OperatorError(
    `Cannot read "${file}": ${denied ? 'permission denied' : messageOf(cause)}`,
    denied
      ? 'Run this as root, or let its user read the file.'
      : 'Check the path and the file system it is on.',
    cause,
  )
}
