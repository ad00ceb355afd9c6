/** What is called otherwise where a store is named by `--to` and the environment, and no configuration is at hand. */
const NAMES: readonly (readonly [string, string])[] = [
  ['s3AccesskeyID', 'AWS_ACCESS_KEY_ID'],
  ['s3SecretAccessKey', 'AWS_SECRET_ACCESS_KEY'],
  ['s3Region', 'AWS_REGION'],
  ['S3Endpoint', 'AWS_ENDPOINT_URL'],
  ['S3Bucket', 'the bucket of --to'],
  [' in StorageConfig', ''],
]

/** The hint of a store, as it helps in a CI. */
export function adviceForEnvironment(hint: string): string {
  return NAMES.reduce((text, [key, name]) => text.replaceAll(key, name), hint)
}
