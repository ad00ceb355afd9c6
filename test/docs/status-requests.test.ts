/** What `self-test` and `status` ask of the store, as docs/decide.md says it: a bill may be made of it. */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { parseConfig } from '../../config/parse-config.ts'
import { Host } from '../../handoff/host.ts'
import { GroupTotals } from '../../installer/groups/group-totals.ts'
import { groupsHere, totalsFile } from '../../installer/groups/groups-here.ts'
import { temporaryFolder } from '../fakes/core-file.ts'
import { startFakeS3 } from '../fakes/fake-s3.ts'
import { callOn } from '../handler/commands/handler-on-bucket.ts'
import { documentOf } from './documents.ts'

const { prose } = documentOf('docs/decide.md')

/** The operations that the document names behind `words`, up to the end of the bracket. */
function saidBehind(words: string): readonly string[] {
  const [, behind = assert.fail(words)] = prose.split(words)
  return [...behind.slice(0, behind.indexOf(')')).matchAll(/`([A-Z]\w+)`/g)].map(([, name = '']) => name)
}

it('self-test asks of the store what docs/decide.md says', async t => {
  await using s3 = await startFakeS3()
  assert.equal((await callOn(t, s3, 'self-test')).exitCode, 0)
  const asked = s3.requests.map(({ operation }) => operation)
  assert.deepEqual(asked, saidBehind('`self-test`, and `status` with it, are five requests'))
})

it('status asks of the store what docs/decide.md says of each kind of crash, and of ten at most', async t => {
  await using s3 = await startFakeS3()
  const host = new Host(temporaryFolder(t))
  const { config } = parseConfig(
    `StorageConfig: {S3Bucket: cores, s3Region: ${s3.region}, S3Endpoint: "${s3.endpoint}", s3AccesskeyID: ${s3.credentials.accessKeyId}, s3SecretAccessKey: ${s3.credentials.secretAccessKey}}`,
  )
  const totals = await GroupTotals.read(totalsFile(host, config.paths.state))
  const notes = Array.from({ length: 12 }, (_, at) => ({
    ...{ id: at.toString(16).padStart(12, '0'), time: new Date(), pod: `pod-${at}`, image: 'shop:1' },
    group: `_groups/prod/shop/Deployment.checkout/${at.toString(16).padStart(32, '0')}`,
  }))
  await totals.count(notes, 1, new Date())
  await groupsHere(host, config)
  const asked = s3.requests.map(({ operation }) => operation)
  const said = saidBehind('`status` besides two for each kind of crash that came to the node within a day')
  assert.equal(said.length, 2)
  assert.deepEqual(asked, Array.from({ length: 10 }, () => said).flat())
})
