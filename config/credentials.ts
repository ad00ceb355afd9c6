import type { Credentials } from './config.ts'
import type { Findings } from './findings.ts'
import type { ProviderName } from './provider.ts'
import type { StorageSettings } from './storage-settings.ts'

/** `null`: none are written, so the AWS default chain has to find some. Half of them is wrong. */
export function credentials(
  { s3AccesskeyID, s3SecretAccessKey, sessionToken }: StorageSettings,
  provider: ProviderName | null,
  findings: Findings,
): Credentials | null {
  if (s3AccesskeyID !== '' && s3SecretAccessKey !== '') {
    const keys = { accessKeyId: s3AccesskeyID, secretAccessKey: s3SecretAccessKey }
    return sessionToken === '' ? keys : { ...keys, sessionToken }
  }
  if (s3AccesskeyID !== '' || s3SecretAccessKey !== '' || sessionToken !== '') {
    const missing = s3AccesskeyID === '' ? 's3AccesskeyID' : 's3SecretAccessKey'
    findings.wrong(
      `StorageConfig.${missing}`,
      'is not set, but other credentials are',
      'Set both s3AccesskeyID and s3SecretAccessKey; or, on AWS, neither, for the role of the node.',
    )
  } else if (provider !== 'AWS') {
    findings.warn('StorageConfig.s3AccesskeyID', 'is not set: only AWS gives a node credentials by itself')
  }
  return null
}
