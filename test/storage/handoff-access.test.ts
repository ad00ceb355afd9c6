import assert from 'node:assert/strict'
import { it } from 'node:test'
import { handoffLookup } from '../../network/handoff-lookup.ts'
import { StoreError } from '../../storage/errors.ts'
import type { HandoffCredentials } from '../../storage/s3/s3-credentials.ts'
import { startFakeS3 } from '../fakes/fake-s3.ts'
import { s3StoreOf } from './s3/s3-store-of.ts'

const lookup = handoffLookup(async () => ({ 'minio.storage.svc': ['127.0.0.1'] }))
const body = Buffer.from('core')

/** As a Service has it, which only the cluster's DNS knows. */
function inCluster(endpoint: string): string {
  return endpoint.replace('127.0.0.1', 'minio.storage.svc')
}

for (const [addressing, host] of [
  ['path', 'minio.storage.svc'],
  ['virtual', 'cores.minio.storage.svc'],
] as const) {
  it(`S3Store.put() finds a store of the cluster by its handed-over address, with the bucket in the ${addressing}`, async () => {
    await using s3 = await startFakeS3()
    const store = s3StoreOf(s3, { endpoint: inCluster(s3.endpoint), addressing }, {}, { lookup })
    await store.put('core.gz', [body], body.length)
    assert.ok(body.equals(s3.bucket().get('corefiles/core.gz').bytes))
    assert.equal(s3.requests[0]?.headers.host, `${host}:${new URL(s3.endpoint).port}`)
  })
}

it('S3Store.put() takes handed-over credentials when the configuration has none', async () => {
  await using s3 = await startFakeS3()
  const handoff = { ...s3.credentials, expiresAt: inSeconds(3600) }
  const store = s3StoreOf(s3, { credentials: null }, {}, { credentials: async () => handoff })
  await store.put('core.gz', [body], body.length)
  assert.ok(body.equals(s3.bucket().get('corefiles/core.gz').bytes))
})

it('S3Store.put() takes handed-over credentials that never expire', async () => {
  await using s3 = await startFakeS3()
  const store = s3StoreOf(s3, { credentials: null }, {}, { credentials: async () => s3.credentials })
  await store.put('core.gz', [body], body.length)
})

it('S3Store.put() takes the credentials of the configuration before all', async () => {
  await using s3 = await startFakeS3()
  const credentials = () => assert.fail('it asked for others')
  await s3StoreOf(s3, {}, {}, { credentials }).put('core.gz', [body], body.length)
})

for (const expiresAt of [inSeconds(-1), inSeconds(10), 'never']) {
  it(`S3Store.put() asks the default chain when what was handed over expires ${expiresAt === 'never' ? 'at no time' : 'too soon'}`, async t => {
    await using s3 = await startFakeS3()
    setEnvironment(t, {
      AWS_ACCESS_KEY_ID: s3.credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: s3.credentials.secretAccessKey,
    })
    const stale = { accessKeyId: 'ASIASTALE', secretAccessKey: 'stale', expiresAt }
    const store = s3StoreOf(s3, { credentials: null }, {}, { credentials: async () => stale })
    await store.put('core.gz', [body], body.length)
  })
}

it('S3Store.put() reads credentials again before they expire', async () => {
  await using s3 = await startFakeS3()
  let handoff: HandoffCredentials = {
    accessKeyId: 'ASIAOLD',
    secretAccessKey: 'old',
    expiresAt: inSeconds(60),
  }
  const store = s3StoreOf(s3, { credentials: null }, {}, { credentials: async () => handoff })
  await assert.rejects(store.put('core.gz', [body], body.length), /InvalidAccessKeyId/)
  handoff = { ...s3.credentials, expiresAt: inSeconds(3600) }
  await store.put('core.gz', [body], body.length)
})

it('S3Store.put() says whom to ask when handed-over credentials are not renewed', async () => {
  await using s3 = await startFakeS3()
  const handoff = [{ ...s3.credentials, expiresAt: inSeconds(60) }]
  const credentials = async () => handoff.shift() ?? null
  const store = s3StoreOf(s3, { credentials: null }, {}, { credentials })
  await assert.rejects(store.put('core.gz', [body], body.length), (error: unknown) => {
    assert.ok(error instanceof StoreError)
    assert.match(error.message, /: the credentials that the installer handed over have expired$/)
    assert.match(error.hint, /log of the installer/)
    return true
  })
})

function inSeconds(seconds: number): string {
  return new Date(Date.now() + seconds * 1000).toISOString()
}

function setEnvironment(t: { after(undo: () => void): void }, variables: Record<string, string>): void {
  const before = { ...process.env }
  t.after(() => {
    process.env = before
  })
  Object.assign(process.env, variables)
}
