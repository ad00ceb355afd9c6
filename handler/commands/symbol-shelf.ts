import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { parseConfig } from '../../config/parse-config.ts'
import { readConfig } from '../../config/read-config.ts'
import { OperatorError, reasonOf } from '../../crash/errors.ts'
import { Network } from '../../network/network.ts'
import type { ObjectStore } from '../../storage/object-store.ts'
import { openStore, storeIn } from '../../storage/open-store.ts'
import { readHandoff } from '../handoff/handoff.ts'
import { handoffAccess } from '../handoff/handoff-access.ts'
import { adviceForEnvironment } from './s3-environment.ts'

/** Where symbols go: a store, and the folder in it. */
export interface SymbolShelf {
  readonly store: Pick<ObjectStore, 'put' | 'location'>
  readonly prefix: string
  /** What a store advises, in the words by which this one was named; absent: those of `coredog.yaml`. */
  readonly advice?: (hint: string) => string
}

/** What stands on the command line, and around it. */
export interface ShelfOptions {
  /** A directory. */
  readonly output?: string
  /** A bucket, `s3://<bucket>/<folder>`: what else is needed for it is said as to AWS's own tools. */
  readonly to?: string
  readonly configFile: string
  readonly environment: Readonly<Record<string, string | undefined>>
}

/** Rejects with an {@link OperatorError} where it is not said. */
export async function openShelf({ output, to, ...options }: ShelfOptions): Promise<SymbolShelf> {
  if (output !== undefined) return await shelfInDirectory(path.resolve(output))
  return to === undefined ? await configuredShelf(options.configFile) : shelfInBucket(to, options.environment)
}

async function shelfInDirectory(directory: string): Promise<SymbolShelf> {
  await mkdir(directory, { recursive: true })
  return { store: storeIn(directory), prefix: '' }
}

const ELSEWHERE = 'Say where they go with --to=s3://BUCKET/FOLDER or --output=DIRECTORY.'

async function configuredShelf(file: string): Promise<SymbolShelf> {
  const { config } = await readConfig(file).catch(cause => {
    const { reason, hint = '' } = reasonOf(cause)
    throw new OperatorError(reason, `${hint} ${ELSEWHERE}`.trim(), cause)
  })
  const folder = config.symbols.find(source => source.kind === 'folder')
  if (folder === undefined)
    throw new OperatorError(
      `Cannot upload symbols: "${file}" has no folder in symbols`,
      `Write symbols: [_symbols] there. ${ELSEWHERE}`,
    )
  const access = handoffAccess(readHandoff(config.paths.run), new Network(config.network))
  return { store: openStore(config.storage, access), prefix: folder.prefix }
}

function shelfInBucket(to: string, environment: ShelfOptions['environment']): SymbolShelf {
  const [, bucket, folder = ''] = /^s3:\/\/([^/]+)(?:\/(.*))?$/.exec(to) ?? []
  const { AWS_REGION: region, AWS_ENDPOINT_URL: endpoint } = environment
  if (bucket === undefined)
    throw new OperatorError(
      `Cannot upload symbols to ${JSON.stringify(to)}: it is no bucket`,
      'Write --to=s3://BUCKET/FOLDER, with StoreDir and the folder that symbols names, such as s3://crashes/corefiles/_symbols.',
    )
  if (!region && !endpoint)
    throw new OperatorError(
      `Cannot upload symbols to "${to}": it is not known where the bucket is`,
      'Set AWS_REGION to its region, such as eu-central-1, or AWS_ENDPOINT_URL if the store is not AWS.',
    )
  const StorageConfig = {
    S3Bucket: bucket,
    // Empty would be the default.
    StoreDir: folder === '' ? '/' : folder,
    ...(region && { s3Region: region }),
    ...(endpoint && { S3Endpoint: endpoint }),
  }
  const { config } = parseConfig(JSON.stringify({ StorageConfig }), { file: `--to=${to}` })
  return { store: openStore(config.storage), prefix: '', advice: adviceForEnvironment }
}
