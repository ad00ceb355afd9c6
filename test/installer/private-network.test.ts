import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, it } from 'node:test'
import { parseConfig } from '../../config/parse-config.ts'
import { Host } from '../../handoff/host.ts'
import { reportToCoreSight } from '../../installer/outbox/core-sight.ts'
import { watchCredentials } from '../../installer/supply/credentials.ts'
import { Network } from '../../network/network.ts'
import { type FakeProxy, startFakeProxy } from '../fakes/fake-proxy.ts'
import { privateAuthority, startTlsFront } from '../fakes/private-authority.ts'
import { REPORT, sampleNotification } from '../notify/sample-notification.ts'
import type { TrackedServer } from '../tracked-server.ts'
import { openLogLines } from './log-lines.ts'
import { Rounds } from './rounds.ts'

// As STS answers AssumeRoleWithWebIdentity, and CoreSight never looks.
const ROLE = `<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleWithWebIdentityResult><Credentials>
<AccessKeyId>ASIAOFTHEROLE</AccessKeyId><SecretAccessKey>secret</SecretAccessKey><SessionToken>token</SessionToken><Expiration>2036-11-21T06:00:00Z</Expiration>
</Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>`

const authority = await privateAuthority()
let root = ''
let server: Server
let front: TrackedServer
let proxy: FakeProxy

before(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'coredog-private-network-'))
  server = createServer((request, response) => {
    request.resume().on('end', () => response.writeHead(200, { 'content-type': 'text/xml' }).end(ROLE))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const behind = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  front = await startTlsFront(authority, ['coresight.example', 'sts.example'], behind)
  proxy = await startFakeProxy({ user: 'node:pw' })
})
after(async () => {
  await front.close()
  await proxy.close()
  server.closeAllConnections()
  server.close()
  await rm(root, { recursive: true })
})

const network = () => ({
  authorities: [authority.certificate],
  caFile: '',
  proxy: `http://node:pw@127.0.0.1:${proxy.port}`,
  noProxy: [],
})

it('reportToCoreSight() goes through the proxy, and trusts the authority of the configuration', async () => {
  const core = {
    ...REPORT.core,
    md5: '0f343b0931126a20f133d67c2b018a3b',
    key: 'corefiles/prod/web-0/core.gz',
  }
  const verdict = await reportToCoreSight(
    {
      notice: sampleNotification({ report: { ...REPORT, core } }),
      pending: ['coreSight'],
      notBefore: null,
      attempts: 1,
      firstAt: '2026-11-21T04:21:19.000Z',
    },
    { url: `https://coresight.example:${front.port}/events`, token: null },
    { log: openLogLines().log, network: new Network(network(), '/nowhere') },
    AbortSignal.timeout(120_000),
  )
  assert.deepEqual(verdict, { kind: 'ok' })
  assert.ok(proxy.requests.includes(`CONNECT coresight.example:${front.port}`))
})

it('watchCredentials() asks STS through the proxy, and trusts the authority of the configuration', async t => {
  const tokenFile = path.join(root, 'token')
  await writeFile(tokenFile, 'of the service account')
  const environment = { ...process.env }
  t.after(() => {
    process.env = environment
  })
  Object.assign(process.env, {
    AWS_ROLE_ARN: 'arn:aws:iam::111122223333:role/coredog',
    AWS_WEB_IDENTITY_TOKEN_FILE: tokenFile,
    AWS_ENDPOINT_URL_STS: `https://sts.example:${front.port}`,
  })
  const { config } = parseConfig('StorageConfig: {S3Bucket: crashes, s3Region: eu-central-1}')
  const { log, lines } = openLogLines()
  const rounds = new Rounds()
  const abort = new AbortController()
  const options = {
    config: { ...config, network: network() },
    host: new Host(root),
    log,
    pause: rounds.pause,
  }
  const done = watchCredentials(options, abort.signal)
  await Promise.race([rounds.over(), done])
  abort.abort()
  const handoff = await readFile(path.join(root, 'run/coredog/credentials.json'), 'utf8').catch(() => lines)
  await done
  assert.match(JSON.stringify(handoff), /ASIAOFTHEROLE/)
  assert.ok(proxy.requests.includes(`CONNECT sts.example:${front.port}`))
})
