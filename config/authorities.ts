import path from 'node:path'
import { messageOf, OperatorError } from '../crash/errors.ts'
import { certificatesIn } from './certificates.ts'
import type { Config } from './config.ts'
import { readSmallFile } from './small-file.ts'

/**
 * What the installer brings of `network.caFile`, beside the configuration on the node: there its path says
 * nothing.
 */
export const AUTHORITIES_FILE = 'coredog-authorities.pem'

export interface AuthoritiesSource {
  /** What the installer has brought already; it wins. */
  readonly brought?: string | undefined
  /** Where a `caFile` that is a name is looked for. */
  readonly folders: readonly string[]
  /** Where the root of the node is mounted: a path that is not ours may be the node's. */
  readonly hostRoot?: string
}

/**
 * Gives `config` the certificates of its `network.caFile`. Rejects with an {@link OperatorError} when they
 * cannot be had.
 */
export async function withAuthorities(config: Config, source: AuthoritiesSource): Promise<Config> {
  const { network } = config
  const text = await authoritiesText(config, source)
  if (text === null) return config
  return { ...config, network: { ...network, authorities: [...network.authorities, text] } }
}

/**
 * The certificates of `network.caFile`, as PEM, and nothing else that the file may hold; `null`: none is
 * named.
 */
export async function authoritiesText(
  { network: { caFile } }: Config,
  { brought, folders, hostRoot }: AuthoritiesSource,
): Promise<string | null> {
  if (caFile === '') return null
  if (brought !== undefined) return certificatesOf(AUTHORITIES_FILE, brought)
  const places = [
    ...(path.isAbsolute(caFile) ? [caFile] : folders.map(folder => path.join(folder, caFile))),
    ...(path.isAbsolute(caFile) && hostRoot !== undefined ? [path.join(hostRoot, caFile)] : []),
  ]
  for (const file of new Set(places)) {
    const text = await readSmallFile(file)
    if (text !== null) return certificatesOf(file, text)
  }
  throw new OperatorError(
    `Cannot read network.caFile: there is no "${[...new Set(places)].join('" and no "')}"`,
    'Put the file beside coredog.yaml and name it alone, or write its certificates into network.caBundle.',
  )
}

function certificatesOf(file: string, text: string): string {
  try {
    return `${certificatesIn(text).join('\n')}\n`
  } catch (cause) {
    throw new OperatorError(
      `Cannot use network.caFile: "${file}" ${messageOf(cause)}`,
      'Write the certificate of the authority as PEM: openssl x509 -inform der -in FILE converts one.',
    )
  }
}
