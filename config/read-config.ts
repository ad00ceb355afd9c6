import { constants, open, readlink } from 'node:fs/promises'
import path from 'node:path'
import { messageOf, OperatorError } from '../crash/errors.ts'
import { type ParsedConfig, parseConfig } from './parse-config.ts'

/** Beside it stands what it says of secrets. */
export const CONFIG_FILE = 'coredog.yaml'
export const SECRETS_FILE = 'coredog-secrets.yaml'

/** The link through which all files of one version are seen. */
export const VERSION_LINK = '..data'

const MOST_BYTES = 1024 * 1024

/** A configuration as it is written; `secrets` is `null` when there are none. */
export interface ConfigTexts {
  readonly text: string
  readonly secrets: string | null
}

/**
 * Reads and parses `file`, and `coredog-secrets.yaml` in `secretsFolder`, or beside it, if there is one. Rejects with an
 * {@link OperatorError} when one of them cannot be read, or says what {@link parseConfig} refuses.
 */
export async function readConfig(file: string, secretsFolder = path.dirname(file)): Promise<ParsedConfig> {
  const { text, secrets } = await readConfigTexts(file, secretsFolder)
  const secretsFile = path.join(secretsFolder, SECRETS_FILE)
  return parseConfig(text, { file, secretsFile, ...(secrets !== null && { secrets }) })
}

/** Reads `file`, and `coredog-secrets.yaml` in `secretsFolder`, or beside it. Rejects as {@link readConfig} does. */
export async function readConfigTexts(
  file: string,
  secretsFolder = path.dirname(file),
): Promise<ConfigTexts> {
  const { text, secrets } =
    secretsFolder === path.dirname(file)
      ? await readOneVersion(file)
      : await readBoth(file, path.join(secretsFolder, SECRETS_FILE))
  if (text !== null) return { text, secrets }
  throw new OperatorError(
    `Cannot read "${file}": there is no such file`,
    'Write it (docs/configuration.md shows how), or name another one with --config=FILE.',
  )
}

interface Found {
  readonly text: string | null
  readonly secrets: string | null
}

// Versions come minutes apart.
const MOST_TRIES = 10

/** A link that was replaced meanwhile may have led us to one file of a version that is gone by now. */
async function readOneVersion(file: string): Promise<Found> {
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    const version = await versionFolder(file)
    if (version === null) return readBoth(file, path.join(path.dirname(file), SECRETS_FILE))
    const found = await readBoth(path.join(version, path.basename(file)), path.join(version, SECRETS_FILE))
    if (version === (await versionFolder(file))) return found
  }
  throw new OperatorError(
    `Cannot read "${file}": it is replaced all the time`,
    `See what writes to "${path.dirname(file)}".`,
  )
}

async function readBoth(file: string, secretsFile: string): Promise<Found> {
  const [text, secrets] = await Promise.all([readSmall(file), readSmall(secretsFile)])
  return { text, secrets }
}

/**
 * Kubelets and our installer put all files of one version into a folder, and replace a link to it, `..data`,
 * through which the files are seen. `null`: it is not so with this one.
 */
async function versionFolder(file: string): Promise<string | null> {
  try {
    const link = await readlink(file)
    const folder = path.dirname(file)
    if (link !== `${VERSION_LINK}/${path.basename(file)}`) return null
    return path.join(folder, await readlink(path.join(folder, VERSION_LINK)))
  } catch (error) {
    // No link, or none to there: what reads the file itself says what is wrong with it.
    if (['EINVAL', 'ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return null
    throw unreadable(file, (error as NodeJS.ErrnoException).code, error)
  }
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
