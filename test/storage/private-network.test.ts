import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, it } from 'node:test'
import type { NetworkConfig } from '../../config/config.ts'
import { handoffLookup } from '../../network/handoff-lookup.ts'
import { Network } from '../../network/network.ts'
import { StoreError } from '../../storage/errors.ts'
import { type FakeProxyOptions, startFakeProxy } from '../fakes/fake-proxy.ts'
import { type FakeS3, startFakeS3 } from '../fakes/fake-s3.ts'
import { privateAuthority, startTlsFront } from '../fakes/private-authority.ts'
import type { TrackedServer } from '../tracked-server.ts'
import { s3StoreOf } from './s3/s3-store-of.ts'

const PLAIN: NetworkConfig = { authorities: [], caFile: '', proxy: null, noProxy: [] }
const HOST = 'store.example'
const body = Buffer.from('core')

const authority = await privateAuthority()
// On a developer's machine it would be Node's own list and the machine's: here a node trusts no authority.
let bareNode = ''
let s3: FakeS3
let front: TrackedServer

before(async () => {
  bareNode = await mkdtemp(path.join(tmpdir(), 'coredog-bare-node-'))
  s3 = await startFakeS3()
  front = await startTlsFront(authority, [HOST], s3.endpoint)
})
after(async () => {
  await front.close()
  await s3[Symbol.asyncDispose]()
  await rm(bareNode, { recursive: true })
})

function storeBy(
  config: Partial<NetworkConfig>,
  { endpoint = `https://${HOST}:${front.port}`, nodeRoot = bareNode } = {},
) {
  const network = new Network({ ...PLAIN, ...config }, nodeRoot)
  const lookup = handoffLookup(async () => ({ [HOST]: ['127.0.0.1'] }))
  // A client that asks a proxy does not look the store up: no resolver here knows that name.
  return s3StoreOf(s3, { endpoint }, {}, { network, ...(config.proxy === undefined && { lookup }) })
}

function put(store: ReturnType<typeof storeBy>) {
  return store.put('ns/core.gz', [body], body.length)
}

async function refusal(store: ReturnType<typeof storeBy>): Promise<StoreError> {
  const thrown = await put(store).then(
    () => assert.fail('it was stored'),
    (error: unknown) => error,
  )
  assert.ok(thrown instanceof StoreError)
  return thrown
}

it('S3Store.put() trusts an authority that the configuration names', async () => {
  assert.equal(await put(storeBy({ authorities: [authority.certificate] })), 'stored')
})

it('S3Store.put() trusts an authority that the node trusts', async () => {
  const nodeRoot = await mkdtemp(path.join(tmpdir(), 'coredog-node-'))
  await mkdir(path.join(nodeRoot, 'etc/ssl/certs'), { recursive: true })
  await writeFile(path.join(nodeRoot, 'etc/ssl/certs/ca-certificates.crt'), authority.certificate)
  assert.equal(await put(storeBy({}, { nodeRoot })), 'stored')
  await rm(nodeRoot, { recursive: true })
})

it('S3Store.put() says where to name an authority that it does not know', async () => {
  const { message, hint } = await refusal(storeBy({}))
  assert.match(message, /the store's certificate is not trusted \(UNABLE_TO_VERIFY_LEAF_SIGNATURE\)$/)
  assert.match(hint, /network\.caBundle.*network\.caFile/)
})

it('S3Store.put() does not take a certificate for another name, whoever signed it', async () => {
  const endpoint = `https://other.${HOST}:${front.port}`
  const { message } = await refusal(storeBy({ authorities: [authority.certificate] }, { endpoint }))
  assert.match(message, /certificate is for another name \(ERR_TLS_CERT_ALTNAME_INVALID\)$/)
})

/** Stores by a proxy, and gives what the proxy was asked. */
async function byProxy(
  options: FakeProxyOptions,
  user: string,
  config: Partial<NetworkConfig> = {},
  endpoint?: string,
) {
  const proxy = await startFakeProxy(options)
  const store = storeBy(
    { authorities: [authority.certificate], proxy: `http://${user}127.0.0.1:${proxy.port}`, ...config },
    endpoint === undefined ? {} : { endpoint },
  )
  const outcome = await put(store).catch((error: unknown) => error)
  await proxy.close()
  return { outcome, requests: proxy.requests }
}

it('S3Store.put() goes through a proxy, which sees only TLS', async () => {
  const { outcome, requests } = await byProxy({}, '')
  assert.equal(outcome, 'stored')
  assert.deepEqual(new Set(requests), new Set([`CONNECT ${HOST}:${front.port}`]))
})

it('S3Store.put() tells the proxy who it is', async () => {
  const { outcome } = await byProxy({ user: 'node@example:p:w%' }, 'node%40example:p%3Aw%25@')
  assert.equal(outcome, 'stored')
})

it('S3Store.put() asks a proxy for a store without TLS, and does not want a tunnel to it', async () => {
  const { outcome, requests } = await byProxy({}, '', {}, s3.endpoint.replace('127.0.0.1', HOST))
  assert.equal(outcome, 'stored')
  assert.ok(
    requests.every(line => /^(PUT|HEAD) http:\/\/store\.example:/.test(line)),
    String(requests),
  )
})

it('S3Store.put() leaves a proxy out where noProxy says so', async () => {
  const { outcome, requests } = await byProxy({}, '', { noProxy: [HOST] })
  assert.deepEqual(requests, [])
  // No resolver here knows the name.
  assert.match(String(outcome), /does not resolve on this node/)
})

for (const [behaviour, said] of [
  ['forbid', /the proxy does not connect to the store \(ProxyRefused 127\.0\.0\.1:\d+, HTTP 403\)$/],
  ['close', /the proxy cannot be reached \(ProxyUnreachable 127\.0\.0\.1:\d+ ECONNRESET\)$/],
] as const) {
  it(`S3Store.put() blames a proxy that ${behaviour}s, and not the store`, async () => {
    const { outcome } = await byProxy({ behaviour }, 'node:secret-of-proxy@')
    assert.ok(outcome instanceof StoreError)
    assert.match(outcome.message, said)
    assert.match(outcome.hint, /network\.noProxy/)
    assert.doesNotMatch(
      JSON.stringify([outcome.message, outcome.hint, String(outcome.cause)]),
      /secret-of-proxy/,
    )
  })
}

it('S3Store.put() says so when the proxy does not know the password', async () => {
  const { outcome } = await byProxy({ user: 'node:right' }, 'node:wrong@')
  assert.match(String(outcome), /\(ProxyRefused 127\.0\.0\.1:\d+, HTTP 407\)$/)
})

it('S3Store.put() goes through a proxy that speaks TLS itself', async t => {
  const proxy = await startFakeProxy({ user: 'node:pw' })
  const secured = await startTlsFront(authority, ['localhost'], `http://127.0.0.1:${proxy.port}`)
  t.after(() => Promise.all([secured.close(), proxy.close()]))
  const store = storeBy({
    authorities: [authority.certificate],
    proxy: `https://node:pw@localhost:${secured.port}`,
  })
  assert.equal(await put(store), 'stored')
  assert.ok(proxy.requests.includes(`CONNECT ${HOST}:${front.port}`))
})
