import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import type { TestContext } from 'node:test'
import { temporaryFolder } from '../../fakes/core-file.ts'
import type { FakeS3 } from '../../fakes/fake-s3.ts'

const MAIN = path.resolve(import.meta.dirname, '../../../handler/main.ts')

type Server = Pick<FakeS3, 'endpoint' | 'region' | 'credentials'>

/** Calls the handler as people do, on a node whose store is the bucket `cores`. */
export async function callOn(
  t: TestContext,
  { endpoint, region, credentials }: Server,
  command: string,
  settings: object = {},
) {
  const folder = temporaryFolder(t)
  const keys = { s3AccesskeyID: credentials.accessKeyId, s3SecretAccessKey: credentials.secretAccessKey }
  const bucket = { S3Bucket: 'cores', s3Region: region, S3Endpoint: endpoint }
  const config = {
    StorageConfig: { protocol: 's3', ...bucket, ...keys },
    paths: { log: `${folder}/handler.log`, state: folder, run: `${folder}/run` },
    ...settings,
  }
  writeFileSync(`${folder}/c.yaml`, JSON.stringify(config), { mode: 0o600 })
  const child = spawn(process.execPath, [MAIN, `--config=${folder}/c.yaml`, command])
  const ended = once(child, 'close')
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)])
  const [exitCode] = await ended
  return { exitCode: Number(exitCode), stdout, stderr }
}
