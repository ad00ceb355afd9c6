import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, it } from 'node:test'
import { pino } from 'pino'
import { parseConfig } from '../../../config/parse-config.ts'
import { writeAtomic } from '../../../durable/atomic-file.ts'
import { selfTest } from '../../../handler/commands/self-test.ts'
import { connect } from '../../../handler/connect.ts'
import { RUN_FILES } from '../../../handoff/run-folder.ts'
import { type FakeS3, startFakeS3 } from '../../fakes/fake-s3.ts'

let root = ''

before(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'coredog-handed-access-'))
})
after(() => rm(root, { recursive: true, force: true }))

/** A configuration that only works with what is handed over: a name of the cluster, and no credentials. */
async function handoff(s3: FakeS3): Promise<string> {
  const run = path.join(await mkdtemp(path.join(root, 'case-')), 'run')
  const port = new URL(s3.endpoint).port
  await writeAtomic(
    path.join(run, RUN_FILES.addresses),
    JSON.stringify({ 'minio.storage.svc': ['127.0.0.1'] }),
  )
  await writeAtomic(path.join(run, RUN_FILES.credentials), JSON.stringify(s3.credentials))
  return `StorageConfig: {S3Bucket: cores, s3Region: us-east-1, S3Endpoint: "http://minio.storage.svc:${port}"}\npaths: {run: ${run}}\n`
}

it('connect() reaches a store of the cluster with what was handed over', async () => {
  await using s3 = await startFakeS3()
  const { config } = parseConfig(await handoff(s3))
  const { sink } = connect(config, pino({ enabled: false }))
  await sink.put('core.gz', [Buffer.from('core')], 4)
  assert.equal(s3.bucket().get('corefiles/core.gz').bytes.toString(), 'core')
})

it('selfTest() reaches a store of the cluster with what was handed over', async () => {
  await using s3 = await startFakeS3()
  const file = path.join(root, 'coredog.yaml')
  await writeAtomic(file, await handoff(s3))
  const checks = await selfTest(file, false)
  const store = checks.find(({ name }) => name === 'storage')
  assert.match(store?.detail ?? '', /^wrote and removed s3:\/\/cores\//)
})
