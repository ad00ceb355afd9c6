import { readlink } from 'node:fs/promises'
import path from 'node:path'
import { OperatorError } from '../crash/errors.ts'
import { codeOf } from '../crash/system-error.ts'
import { AUTHORITIES_FILE, type AuthoritiesSource, withAuthorities } from './authorities.ts'
import { type ParsedConfig, parseConfig } from './parse-config.ts'
import { readSmallFile, unreadable } from './small-file.ts'

/** Beside it stands what it says of secrets. */
export const CONFIG_FILE = 'coredog.yaml'
export const SECRETS_FILE = 'coredog-secrets.yaml'

/** The link through which all files of one version are seen. */
export const VERSION_LINK = '..data'

/** A configuration as it is written; `secrets` is `null` when there are none. */
export interface ConfigTexts {
  readonly text: string
  readonly secrets: string | null
  /** Certificates that the installer has brought for `network.caFile`. */
  readonly authorities?: string
}

/**
 * Reads and parses `file`, and `coredog-secrets.yaml` in `secretsFolder`, or beside it, if there is one.
 * Rejects with an {@link OperatorError} when one of them cannot be read, or says what {@link parseConfig}
 * refuses.
 */
export async function readConfig(file: string, secretsFolder = path.dirname(file)): Promise<ParsedConfig> {
  const { text, secrets, authorities: brought } = await readConfigTexts(file, secretsFolder)
  const secretsFile = path.join(secretsFolder, SECRETS_FILE)
  const parsed = parseConfig(text, { file, secretsFile, ...(secrets !== null && { secrets }) })
  return withKnownAuthorities(parsed, { brought, folders: [path.dirname(file), secretsFolder] }, file)
}

/** A crash is handled without them as well: where they are needed, the core waits in the spool. */
export async function withKnownAuthorities(
  { config, warnings }: ParsedConfig,
  source: AuthoritiesSource,
  file: string,
): Promise<ParsedConfig> {
  try {
    return { config: await withAuthorities(config, source), warnings }
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error
    const { message } = error
    return { config, warnings: [...warnings, { file, line: null, key: 'network.caFile', message }] }
  }
}

/**
 * Reads `file`, and `coredog-secrets.yaml` in `secretsFolder`, or beside it. Rejects as {@link readConfig}
 * does.
 */
export async function readConfigTexts(
  file: string,
  secretsFolder = path.dirname(file),
): Promise<ConfigTexts> {
  const { text, secrets, authorities } =
    secretsFolder === path.dirname(file)
      ? await readOneVersion(file)
      : { ...(await readBoth(file, path.join(secretsFolder, SECRETS_FILE))), authorities: null }
  if (text !== null) return { text, secrets, ...(authorities !== null && { authorities }) }
  throw new OperatorError(
    `Cannot read "${file}": there is no such file`,
    'Write it (docs/configuration.md shows how), or name another one: --config=FILE of the handler, --config-dir=DIR of installer and webhook.',
  )
}

interface Found {
  readonly text: string | null
  readonly secrets: string | null
}

interface FoundOnNode extends Found {
  readonly authorities: string | null
}

// Versions come minutes apart.
const MOST_TRIES = 10

/** A link that was replaced meanwhile may have led us to one file of a version that is gone by now. */
async function readOneVersion(file: string): Promise<FoundOnNode> {
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    const version = await versionFolder(file)
    if (version === null) return readFolder(path.dirname(file), path.basename(file))
    const found = await readFolder(version, path.basename(file))
    if (version === (await versionFolder(file))) return found
  }
  throw new OperatorError(
    `Cannot read "${file}": it is replaced all the time`,
    `See what writes to "${path.dirname(file)}".`,
  )
}

async function readFolder(folder: string, name: string): Promise<FoundOnNode> {
  const authorities = await readSmallFile(path.join(folder, AUTHORITIES_FILE))
  return { ...(await readBoth(path.join(folder, name), path.join(folder, SECRETS_FILE))), authorities }
}

async function readBoth(file: string, secretsFile: string): Promise<Found> {
  const [text, secrets] = await Promise.all([readSmallFile(file), readSmallFile(secretsFile)])
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
    if (['EINVAL', 'ENOENT', 'ENOTDIR'].includes(codeOf(error))) return null
    throw unreadable(file, error)
  }
}
