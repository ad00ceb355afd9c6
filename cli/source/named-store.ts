import { existsSync, statSync } from 'node:fs'
import path from 'node:path'
import type { NetworkConfig, StorageConfig } from '../../config/config.ts'
import { parseConfig } from '../../config/parse-config.ts'
import { readConfig } from '../../config/read-config.ts'
import { settingsOfBucket, settingsOfFolder } from '../../config/store-address.ts'
import { Network } from '../../network/network.ts'
import type { ObjectStore } from '../../storage/object-store.ts'
import { openStore } from '../../storage/open-store.ts'
import { CliError, EXIT } from '../exit.ts'
import type { StoreOptions } from '../options.ts'

/** A store, and what else its configuration says that is asked of it. */
export interface NamedStore {
  readonly store: ObjectStore
  /** For people. */
  readonly name: string
  /** Of `cluster` of the configuration; `null`: it does not say. */
  readonly cluster: string | null
  /** Where names for stripped programs are. */
  readonly symbolFolders: readonly string[]
}

type Environment = Readonly<Record<string, string | undefined>>

/** What `--config` or `--bucket` names. Asks nothing of it yet. */
export async function namedStore(options: StoreOptions, environment: Environment): Promise<NamedStore> {
  const { config: file, bucket } = options
  if (file !== undefined && bucket !== undefined)
    throw new CliError(EXIT.usage, 'Cannot read two stores: --config and --bucket are given', 'Give one.')
  return file === undefined ? ofBucket(bucket ?? '', options, environment) : await ofConfig(file, options)
}

async function ofConfig(file: string, { secretsDir }: StoreOptions): Promise<NamedStore> {
  const { config } = await readConfig(file, secretsDir)
  const { storage, network, cluster, symbols } = config
  const symbolFolders = symbols.flatMap(source => (source.kind === 'folder' ? [source.prefix] : []))
  return { ...opened(storage, network), cluster, symbolFolders }
}

function ofBucket(bucket: string, options: StoreOptions, environment: Environment): NamedStore {
  const settings = isDirectory(bucket)
    ? settingsOfFolder(path.resolve(bucket))
    : inBucket(bucket, options, environment)
  const { config } = parseConfig(JSON.stringify({ StorageConfig: settings }), { file: '--bucket' })
  const { symbols } = config
  const symbolFolders = symbols.flatMap(source => (source.kind === 'folder' ? [source.prefix] : []))
  return { ...opened(config.storage, networkOf(environment)), cluster: null, symbolFolders }
}

function opened(storage: StorageConfig, network: NetworkConfig): Pick<NamedStore, 'store' | 'name'> {
  const store = openStore(storage, { network: new Network(network) })
  return { store, name: store.location('') }
}

function isDirectory(bucket: string): boolean {
  return existsSync(bucket) && statSync(bucket).isDirectory()
}

function inBucket(
  bucket: string,
  { endpoint, region }: StoreOptions,
  { AWS_REGION, AWS_DEFAULT_REGION, AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL }: Environment,
): Readonly<Record<string, string>> {
  const settings = settingsOfBucket(bucket, {
    endpoint: endpoint ?? AWS_ENDPOINT_URL_S3 ?? AWS_ENDPOINT_URL ?? '',
    region: region ?? AWS_REGION ?? AWS_DEFAULT_REGION ?? '',
  })
  if (settings === null) throw unreadable(bucket)
  return settings
}

function unreadable(bucket: string): CliError {
  return new CliError(
    EXIT.usage,
    `Cannot read the store "${bucket}": it is no bucket, and no directory that is there`,
    'Write it as s3://NAME or s3://NAME/FOLDER, or as the path of a directory.',
  )
}

/** As other programs have it: curl, the AWS CLI. */
function networkOf(environment: Environment): NetworkConfig {
  const of = (name: string) => environment[name] ?? environment[name.toLowerCase()] ?? ''
  const noProxy = of('NO_PROXY').split(',')
  return {
    authorities: [],
    caFile: '',
    proxy: of('HTTPS_PROXY') || null,
    noProxy: noProxy.map(host => host.trim()).filter(host => host !== ''),
  }
}
