import assert from 'node:assert/strict'
import { it } from 'node:test'
import { withFreshLink } from '../../installer/outbox/link.ts'
import { type FakeS3, startFakeS3 } from '../fakes/fake-s3.ts'
import { openLogLines } from '../installer/log-lines.ts'
import { REPORT, sampleNotification } from '../notify/sample-notification.ts'
import { s3StoreOf } from './s3/s3-store-of.ts'

const body = Buffer.from('core')

async function statusOf(link: string | null): Promise<number> {
  const response = await fetch(link ?? '')
  await response.arrayBuffer()
  return response.status
}

for (const clockAheadSeconds of [7200, -7200]) {
  const node = clockAheadSeconds > 0 ? 'slow' : 'fast'

  it(`S3Store.link() opens the core although the clock of the node is two hours ${node}`, async () => {
    await using s3 = await startFakeS3({ clockAheadSeconds })
    const store = s3StoreOf(s3)
    await store.put('core.gz', [body], body.length)
    assert.equal(await statusOf(await store.link('core.gz')), 200)
  })

  it(`withFreshLink() makes one that opens the core although the clock of the node is two hours ${node}`, async () => {
    await using s3 = await startFakeS3({ clockAheadSeconds })
    await s3StoreOf(s3).put('core.gz', [body], body.length)
    const core = { key: 'corefiles/core.gz', url: 's3://cores/corefiles/core.gz' }
    const notification = sampleNotification({ report: { ...REPORT, core } })
    // As the installer opens it, for links alone.
    const { log } = openLogLines()
    const { link } = await withFreshLink(notification, { storeDir: 'corefiles' }, s3StoreOf(s3), log)
    assert.equal(await statusOf(link), 200)
  })
}

async function lifeOf(s3: FakeS3, credentialsSeconds: number | null): Promise<number> {
  const expiresAt = new Date(Date.now() + (credentialsSeconds ?? 0) * 1000).toISOString()
  const handoff = { ...s3.credentials, ...(credentialsSeconds !== null && { expiresAt }) }
  const store = s3StoreOf(s3, { credentials: null }, {}, { credentials: async () => handoff })
  return Number(new URL(await store.link('core.gz')).searchParams.get('X-Amz-Expires'))
}

it('S3Store.link() is for no longer than the credentials that sign it', async () => {
  await using s3 = await startFakeS3()
  const seconds = await lifeOf(s3, 600)
  assert.ok(seconds <= 600 && seconds > 300, `${seconds} s`)
  assert.equal(await lifeOf(s3, 7200), 3600)
  assert.equal(await lifeOf(s3, null), 3600)
})
