import assert from 'node:assert/strict'
import { after, before, beforeEach, it } from 'node:test'
import type { NetworkConfig } from '../../config/config.ts'
import { handoffLookup } from '../../network/handoff-lookup.ts'
import { Network } from '../../network/network.ts'
import { openNotifier } from '../../notify/open-notifier.ts'
import { type FakeChat, startFakeChat } from '../fakes/fake-chat.ts'
import { type FakeProxyOptions, startFakeProxy } from '../fakes/fake-proxy.ts'
import { privateAuthority, startTlsFront } from '../fakes/private-authority.ts'
import type { TrackedServer } from '../tracked-server.ts'
import { sampleNotification } from './sample-notification.ts'

const PLAIN: NetworkConfig = { authorities: [], caFile: '', proxy: null, noProxy: [] }
const HOST = 'chat.example'

const authority = await privateAuthority()
let chat: FakeChat
let front: TrackedServer

before(async () => {
  chat = await startFakeChat()
  front = await startTlsFront(authority, [HOST], chat.url('slack'))
})
beforeEach(() => chat.heal())
after(async () => {
  await front.close()
  await chat.close()
})

async function tell(config: Partial<NetworkConfig>, { tls = true, connectMilliseconds = 30_000 } = {}) {
  const url = new URL(chat.url('slack'))
  url.hostname = HOST
  if (tls) Object.assign(url, { protocol: 'https:', port: String(front.port) })
  const channel = { kind: 'slack', webhookUrl: url.href, keyword: '', secret: null } as const
  const lookup = handoffLookup(async () => ({ [HOST]: ['127.0.0.1'] }))
  const [delivery] = await openNotifier(
    { channels: [channel], messageTemplate: null, messageLabels: {} },
    {
      retryMilliseconds: [],
      connectMilliseconds,
      requestMilliseconds: 30_000,
      network: new Network({ ...PLAIN, ...config }, '/nowhere'),
      // A client that asks a proxy does not look the chat up: no resolver here knows that name.
      ...(config.proxy === undefined && { lookup }),
    },
  ).tell(sampleNotification())
  return delivery
}

it('tell() trusts an authority that the configuration names', async () => {
  assert.equal((await tell({ authorities: [authority.certificate] }))?.outcome, 'sent')
})

it('tell() says where to name an authority that it does not know', async () => {
  const delivery = await tell({})
  assert.match(
    delivery?.reason ?? '',
    /^the certificate was not accepted \(UNABLE_TO_VERIFY_LEAF_SIGNATURE\)$/,
  )
  assert.match(delivery?.hint ?? '', /network\.caBundle.*network\.caFile/)
})

async function byProxy(options: FakeProxyOptions, user = '', how: Parameters<typeof tell>[1] = {}) {
  const proxy = await startFakeProxy(options)
  const url = `http://${user}127.0.0.1:${proxy.port}`
  const delivery = await tell({ authorities: [authority.certificate], proxy: url }, how)
  await proxy.close()
  return { delivery, requests: proxy.requests }
}

it('tell() goes through a proxy, which sees only TLS', async () => {
  const { delivery, requests } = await byProxy({ user: 'node:p:w' }, 'node:p%3Aw@')
  assert.equal(delivery?.outcome, 'sent')
  assert.deepEqual(requests, [`CONNECT ${HOST}:${front.port}`])
})

it('tell() asks a proxy for a chat without TLS', async () => {
  const { delivery, requests } = await byProxy({ user: 'node:pw' }, 'node:pw@', { tls: false })
  assert.equal(delivery?.outcome, 'sent')
  assert.match(requests[0] ?? '', /^POST http:\/\/chat\.example:/)
})

for (const { behaviour, tls, said } of [
  { behaviour: 'forbid', tls: true, said: 'the proxy does not connect to the service' },
  // undici's own agent asks such a proxy again and again, for ever.
  { behaviour: 'close', tls: true, said: 'the proxy cannot be reached' },
  { behaviour: undefined, tls: true, said: 'the proxy does not connect to the service' },
  { behaviour: undefined, tls: false, said: 'the proxy does not connect to the service' },
] as const) {
  it(`tell() blames a proxy: ${behaviour ?? 'another password'}${tls ? '' : ', without TLS'}`, async () => {
    const options = behaviour === undefined ? { user: 'node:right' } : { behaviour }
    const { delivery, requests } = await byProxy(options, 'node:wrong@', { tls })
    assert.equal(delivery?.reason, said)
    assert.match(delivery?.hint ?? '', /network\.proxy/)
    assert.equal(delivery?.retryAfterSeconds, 0)
    assert.equal(requests.length, 1)
  })
}

it('tell() does not wait for ever for a proxy that says nothing', async () => {
  const { delivery } = await byProxy({ behaviour: 'silence' }, '', { connectMilliseconds: 50 })
  assert.equal(delivery?.reason, 'the proxy cannot be reached')
})
