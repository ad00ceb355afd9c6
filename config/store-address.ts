/** `StorageConfig` of a `coredog.yaml`. */
type Settings = Readonly<Record<string, string>>

/** Where the bucket is, where its name does not say so. Empty: it is not said. */
export interface BucketPlace {
  readonly endpoint: string
  readonly region: string
}

/** Of a directory that has the cores. */
export function settingsOfFolder(folder: string): Settings {
  return { protocol: 'cfs', CFSMountPath: folder, StoreDir: '/' }
}

/** Of `s3://NAME/FOLDER` (`cos://`, `oss://`), or the name alone. `null`: it is none. */
export function settingsOfBucket(address: string, { endpoint, region }: BucketPlace): Settings | null {
  const [, scheme, name = '', folder = ''] = BUCKET.exec(address) ?? []
  if (name === '' || (scheme === undefined && address.includes('/'))) return null
  const protocol = scheme ?? 's3'
  const isAmazon = protocol === 's3' && endpoint === ''
  const s3Region = region === '' && isAmazon ? 'us-east-1' : region
  return { protocol, S3Bucket: name, S3Endpoint: endpoint, s3Region, StoreDir: `/${folder}` }
}

const BUCKET = /^(?:(s3|cos|oss):\/\/)?([A-Za-z0-9][A-Za-z0-9._-]{0,254})(?:\/(.*))?$/
