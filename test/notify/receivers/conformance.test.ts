import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, afterEach, before, beforeEach, describe, it } from 'node:test'
import { createServer, type TLSSocket } from 'node:tls'
import fc from 'fast-check'
import type { NetworkConfig } from '../../../config/config.ts'
import { RECEIVER_KINDS, type ReceiverConfig } from '../../../config/receivers/all.ts'
import { handoffLookup } from '../../../network/handoff-lookup.ts'
import { Network } from '../../../network/network.ts'
import type { PosterLimits } from '../../../notify/poster.ts'
import { RECEIVERS } from '../../../notify/receivers/all.ts'
import type { Receiver } from '../../../notify/receivers/receiver.ts'
import { tellReceiver } from '../../../notify/tell-receiver.ts'
import type { Verdict } from '../../../notify/verdict.ts'
import { issueServing } from '../../../serving/certificate/issue.ts'
import { startFakeProxy } from '../../fakes/fake-proxy.ts'
import { answering, type FakeReceiver, startFakeReceiver } from '../../fakes/fake-receiver.ts'
import { privateAuthority, startTlsFront } from '../../fakes/private-authority.ts'
import { inputs } from '../../inputs.ts'
import { listenTracked } from '../../tracked-server.ts'
import { hostileNotification, REPORT, sampleNotification } from '../sample-notification.ts'
import { receiverOf, SAMPLES, told } from './samples.ts'

// What every kind promises. Its own test says what it is posted.

const PLAIN: NetworkConfig = { authorities: [], caFile: '', proxy: null, noProxy: [] }
const PATIENT: PosterLimits = { connectMilliseconds: 30_000, requestMilliseconds: 30_000 }
const HOST = 'receiver.example'
const STORED = sampleNotification({
  report: { ...REPORT, process: { ...REPORT.process, arguments: ['--of-the-command-line'] } },
})
/** No entry of the outbox is longer. */
const LONGEST_BYTES = 1024 * 1024

const authority = await privateAuthority()
let receiver: FakeReceiver
let folder = ''

before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'coredog-receiver-'))
})
after(async () => await rm(folder, { recursive: true, force: true }))
beforeEach(async () => {
  receiver = await startFakeReceiver()
})
afterEach(async () => await receiver.close())

function tell(
  config: ReceiverConfig,
  network: Partial<NetworkConfig> = {},
  limits = PATIENT,
): Promise<Verdict> {
  const lookup = handoffLookup(async () => ({ [HOST]: ['127.0.0.1'] }))
  const reaching = {
    network: new Network({ ...PLAIN, ...network }, '/nowhere'),
    // A client that asks a proxy does not look the receiver up: no resolver here knows that name.
    ...(network.proxy === undefined && { lookup }),
    limits,
  }
  return tellReceiver(config, told(STORED), reaching, AbortSignal.timeout(120_000))
}

for (const kind of RECEIVER_KINDS) {
  const own = RECEIVERS[kind] as Receiver
  const plainOne = () => receiverOf(kind, `${receiver.origin}/told`)

  describe(kind, () => {
    it('is told in one request, with the headers of the operator, and takes it', async () => {
      const config = receiverOf(kind, `${receiver.origin}/told`, 'headers: {X-Team: dogs}')
      assert.deepEqual(await tell(config), { kind: 'ok' })
      const { headers, body } = receiver.received[0]!
      assert.equal(receiver.received.length, 1)
      assert.equal(headers['x-team'], 'dogs')
      assert.equal(body.includes('of-the-command-line'), false)
    })

    it('is told of whatever a crash holds, in a text that is whole and has an end', () => {
      fc.assert(
        fc.property(hostileNotification, notification => {
          const { body = '' } = own.request(told(notification), plainOne()) ?? {}
          const text = typeof body === 'string' ? body : JSON.stringify(body)
          assert.ok(Buffer.byteLength(text) <= LONGEST_BYTES)
          for (const line of text.split('\n').filter(Boolean)) JSON.parse(line, wellFormed)
        }),
        inputs(60),
      )
    })

    for (const [status, headers, expected] of [
      [429, {}, 0],
      [429, { 'retry-after': '7' }, 7],
      [408, {}, 0],
      [500, {}, 0],
      [503, { 'retry-after': '120' }, 120],
    ] as const) {
      it(`is told again after HTTP ${status}, ${JSON.stringify(headers)}`, async () => {
        receiver.react(answering(status, headers))
        const verdict = await tell(plainOne())
        assert.equal(verdict.kind, 'retry')
        if (verdict.kind === 'retry') assert.equal(verdict.afterSeconds, expected)
      })
    }

    for (const status of [400, 401, 403, 404, 410])
      it(`is not told again after HTTP ${status}`, async () => {
        receiver.react(answering(status))
        assert.equal((await tell(plainOne())).kind, 'failed')
      })

    for (const status of [301, 302, 307, 308])
      it(`is not told elsewhere after HTTP ${status}`, async t => {
        const other = await startFakeReceiver()
        t.after(other.close)
        receiver.react(answering(status, { location: `${other.origin}/elsewhere` }))
        const verdict = await tell(plainOne())
        assert.equal(verdict.kind, 'failed')
        assert.match(verdict.kind === 'failed' ? verdict.reason : '', /redirect/)
        assert.equal(other.received.length, 0)
      })

    const { refusal } = SAMPLES[kind]
    if (refusal !== undefined)
      it('is not taken at its 200 where it says that it refused', async () => {
        receiver.react(answering(200, { 'content-type': 'application/json' }, refusal.body))
        assert.equal((await tell(plainOne())).kind, refusal.kind)
      })

    it('is told again when it is slow, and when it breaks off', async () => {
      receiver.react(() => undefined)
      const verdict = await tell(plainOne(), {}, { ...PATIENT, requestMilliseconds: 50 })
      assert.deepEqual(
        [verdict.kind, 'reason' in verdict && verdict.reason],
        ['retry', 'there was no answer in time'],
      )
      receiver.react(response => response.destroy())
      assert.equal((await tell(plainOne())).kind, 'retry')
      assert.equal((await tell(receiverOf(kind, 'http://127.0.0.1:1/'))).kind, 'retry')
    })

    it('is not read to the end of a body that has none', async () => {
      receiver.react(response => {
        response.writeHead(500)
        const more = (): void => {
          while (!response.destroyed)
            if (!response.write('x'.repeat(65_536))) return void response.once('drain', more)
        }
        more()
      })
      assert.equal((await tell(plainOne())).kind, 'retry')
    })

    it('is known by an authority of the configuration, and else told again', async t => {
      const front = await startTlsFront(authority, [HOST], receiver.origin)
      t.after(front.close)
      const config = receiverOf(kind, `https://${HOST}:${front.port}/told`)
      const known = await tell(config, { authorities: [authority.certificate] })
      const unknown = await tell(config)
      assert.deepEqual([known.kind, unknown.kind], ['ok', 'retry'])
      assert.match('hint' in unknown ? unknown.hint : '', /network\.caBundle/)
    })

    it('is told by way of a proxy, which is blamed where it is to blame', async t => {
      const front = await startTlsFront(authority, [HOST], receiver.origin)
      t.after(front.close)
      const config = receiverOf(kind, `https://${HOST}:${front.port}/told`)
      const authorities = [authority.certificate]
      const proxy = await startFakeProxy({ user: 'dog:pw' })
      t.after(proxy.close)
      const told = await tell(config, { authorities, proxy: `http://dog:pw@127.0.0.1:${proxy.port}` })
      const refused = await tell(config, { authorities, proxy: `http://127.0.0.1:${proxy.port}` })
      assert.deepEqual([told.kind, refused.kind], ['ok', 'retry'])
      assert.deepEqual(proxy.requests[0], `CONNECT ${HOST}:${front.port}`)
      assert.match('hint' in refused ? refused.hint : '', /network\.proxy/)
    })

    it('is shown our certificate, as it is in its file now', async t => {
      const [certFile, keyFile] = ['crt', 'key'].map(end => path.join(folder, `${kind}-tls.${end}`)) as [
        string,
        string,
      ]
      const front = await startAsking(receiver.origin)
      t.after(front.close)
      const config = receiverOf(
        kind,
        `https://${HOST}:${front.port}/told`,
        `certFile: "${certFile}", keyFile: "${keyFile}"`,
      )
      const network = { authorities: [authority.certificate] }
      const early = await tell(config, network)
      assert.equal(early.kind, 'retry')
      assert.match('reason' in early ? early.reason : '', /tls\.(?:crt|key)/)
      for (const name of ['one', 'two']) {
        const { certificate, key } = await issueServing(authority, [name], new Date())
        await Promise.all([writeFile(certFile, certificate), writeFile(keyFile, key)])
        assert.deepEqual(await tell(config, network), { kind: 'ok' })
      }
      assert.deepEqual(front.shown, ['one', 'two'])
    })

    it('stands in docs/destinations.md, with an example', () => {
      const text = readFileSync(path.resolve(import.meta.dirname, '../../../docs/destinations.md'), 'utf8')
      assert.ok(text.includes(`\n## ${kind}\n`) && text.includes(`\n  ${kind}:`))
    })

    it('has none of its secrets told, whatever it says', async () => {
      const secrets = ['hunter-of-the-path-1', 'password-of-user', 'value-of-query', 'token-of-header']
      const url = new URL(`${receiver.origin}/${secrets[0]}?sig=${secrets[2]}`)
      Object.assign(url, { username: 'dog', password: secrets[1] })
      const config = receiverOf(kind, url.href, `headers: {X-Token: "Bearer ${secrets[3]}"}`)
      receiver.react((response, { url: asked, headers, body }) =>
        response
          .writeHead(400)
          .end(JSON.stringify({ message: `${asked} ${JSON.stringify(headers)} ${body}` })),
      )
      const said = JSON.stringify([
        await tell(config),
        await tell(receiverOf(kind, url.href.replace(/:\d+/, ':1'))),
      ])
      for (const secret of [...secrets, ...(config.secrets ?? [])])
        assert.equal(said.includes(secret), false, secret)
      if (SAMPLES[kind].isUserItsKey !== true)
        assert.equal(receiver.received[0]?.headers.authorization, `Basic ${btoa(`dog:${secrets[1]}`)}`)
    })

    it('has no part of a secret told that is longer than what is quoted, or stands at its end', async () => {
      const secret = `token-of-header-${'Zq9'.repeat(100)}`
      const config = receiverOf(kind, receiver.origin, `headers: {Authorization: "Bearer ${secret}"}`)
      for (const said of [secret, `${'x'.repeat(180)}${secret}`]) {
        receiver.react(quoting(said))
        assert.doesNotMatch(JSON.stringify(await tell(config)), /token-of/)
      }
    })

    it('has user and password told in no form', { skip: SAMPLES[kind].isUserItsKey === true }, async () => {
      const url = `${receiver.origin.replace('//', '//dog:pass%40of-user@')}/x`
      const config = receiverOf(kind, url)
      receiver.react((response, received) => {
        const { authorization = '' } = received.headers
        quoting(`${authorization} ${atob(authorization.replace('Basic ', ''))}`)(response, received)
      })
      assert.doesNotMatch(JSON.stringify(await tell(config)), /pass@|ZG9nOn/)
    })
  })
}

/** Says it as each kind would say what is wrong. */
function quoting(said: string): Parameters<FakeReceiver['react']>[0] {
  const partialSuccess = { rejectedLogRecords: '1', errorMessage: said }
  return response => response.writeHead(200).end(JSON.stringify({ error: said, partialSuccess }))
}

function wellFormed(_: string, value: unknown): unknown {
  assert.ok(typeof value !== 'string' || value.isWellFormed())
  return value
}

/** A front that asks for a certificate, takes any, and notes whom it is for. */
async function startAsking(behind: string) {
  const { certificate, key } = await issueServing(authority, [HOST], new Date())
  const shown: string[] = []
  const options = { cert: certificate, key, requestCert: true, rejectUnauthorized: false }
  const server = createServer(options, (socket: TLSSocket) => {
    const { subjectaltname = '' } = socket.getPeerCertificate()
    shown.push(subjectaltname.replace('DNS:', ''))
    const inner = connect(Number(new URL(behind).port), '127.0.0.1')
    socket.pipe(inner).pipe(socket)
    for (const end of [socket, inner]) end.on('error', () => [socket, inner].map(each => each.destroy()))
  })
  return { ...(await listenTracked(server)), shown }
}
