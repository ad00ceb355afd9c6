import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, afterEach, before, beforeEach, describe, it } from 'node:test'
import type { Config } from '../../../config/config.ts'
import { parseConfig } from '../../../config/parse-config.ts'
import { Host } from '../../../handoff/host.ts'
import { clusterNames, watchAddresses } from '../../../installer/supply/addresses.ts'
import { type LogLine, openLogLines } from '../log-lines.ts'
import { Rounds } from '../rounds.ts'

function configOf(endpoint: string, more = ''): Config {
  return parseConfig(
    `StorageConfig: {S3Bucket: crashes, S3Endpoint: "${endpoint}", s3AccesskeyID: a, s3SecretAccessKey: b}\n${more}`,
  ).config
}

describe('clusterNames()', () => {
  const names: Record<string, readonly string[]> = {
    'http://minio.storage.svc:9000': ['minio.storage.svc'],
    'http://minio.storage.svc.cluster.local:9000': ['minio.storage.svc.cluster.local'],
    'https://minio.storage.svc.k8s.example.com': ['minio.storage.svc.k8s.example.com'],
    'http://minio-0.minio.storage.pod.cluster.local': ['minio-0.minio.storage.pod.cluster.local'],
    'http://minio.storage.svc.cluster.local.:9000': ['minio.storage.svc.cluster.local'],
    'http://MINIO:9000': ['minio'],
    'http://minio.storage:9000': [],
    'https://s3.eu-central-1.amazonaws.com': [],
    'https://svc.example.com': [],
    'http://localhost:9000': [],
    'http://minio.localhost:9000': [],
    'http://10.0.0.1:9000': [],
    'http://[fd00::1]:9000': [],
  }
  for (const [endpoint, expected] of Object.entries(names)) {
    it(`finds ${expected.length === 0 ? 'none' : expected} in ${endpoint}`, () => {
      assert.deepEqual(clusterNames(configOf(endpoint)), expected)
    })
  }

  it('finds those of channels, each once, and none of CoreSight, to which only the installer speaks', () => {
    const channels = ['http://chat.tools.svc/a', 'http://chat.tools.svc/b', 'https://hooks.slack.com/c']
      .map(url => `  - {chan: slack, webhookurl: "${url}"}\n`)
      .join('')
    const more = `NoticeChannel:\n${channels}CoreSight: {enabled: true, apiUrl: "http://coresight.tools.svc/x"}`
    assert.deepEqual(clusterNames(configOf('http://minio.storage.svc', more)), [
      'chat.tools.svc',
      'minio.storage.svc',
    ])
  })

  it('finds that of a proxy', () => {
    const more = 'network: {proxy: "http://user:password@squid.tools.svc:3128"}'
    assert.deepEqual(clusterNames(configOf('https://s3.example', more)), ['squid.tools.svc'])
  })

  it('finds none of a mounted file system', () => {
    const text = 'StorageConfig: {protocol: cfs, CFSMountPath: /mnt}'
    assert.deepEqual(clusterNames(parseConfig(text).config), [])
  })
})

let root = ''
let host: Host
let rounds: Rounds
let abort: AbortController
let done: Promise<void>
let lines: LogLine[]
/** What the cluster's DNS says: addresses, or why there are none. */
let dns: Record<string, readonly string[] | string>
let clock: Date

before(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'coredog-addresses-'))
})
beforeEach(async () => {
  host = new Host(await mkdtemp(path.join(root, 'case-')))
  rounds = new Rounds()
  abort = new AbortController()
  clock = new Date('2026-11-21T06:00:00Z')
})
afterEach(async () => {
  abort.abort()
  await done
})
after(() => rm(root, { recursive: true, force: true }))

const CONFIG = configOf(
  'http://minio.storage.svc:9000',
  'NoticeChannel: [{chan: slack, webhookurl: "http://chat/x"}]',
)

async function start(config = CONFIG): Promise<void> {
  const opened = openLogLines()
  lines = opened.lines
  const lookup = async (name: string) => {
    const answer = dns[name] ?? 'never asked for'
    if (typeof answer === 'string') throw new Error(answer)
    return answer.map(address => ({ address, family: address.includes(':') ? 6 : 4 }))
  }
  done = watchAddresses(
    { config, host, log: opened.log, lookup, pause: rounds.pause, now: () => clock },
    abort.signal,
  )
  await rounds.over()
}

function file(): string {
  return host.path('/run/coredog/addresses.json')
}

async function handoff(): Promise<unknown> {
  return JSON.parse(await readFile(file(), 'utf8'))
}

function said(msg: string): LogLine[] {
  return lines.filter(line => line.msg === msg)
}

it('watchAddresses() hands over what the cluster knows, for root alone', async () => {
  dns = { 'minio.storage.svc': ['fd00::7', '10.96.0.7'], chat: ['10.96.0.8'] }
  await start()
  assert.deepEqual(await handoff(), {
    version: 1,
    chat: ['10.96.0.8'],
    'minio.storage.svc': ['10.96.0.7', 'fd00::7'],
  })
  assert.equal((await stat(file())).mode & 0o7777, 0o600)
})

it('watchAddresses() asks again every half minute, and writes what is new only', async () => {
  dns = { 'minio.storage.svc': ['10.96.0.7'], chat: ['10.96.0.8'] }
  await start()
  const { ino } = await stat(file())
  await rounds.next()
  assert.equal((await stat(file())).ino, ino)
  dns = { ...dns, chat: ['10.96.0.9'] }
  await rounds.next()
  assert.deepEqual(await handoff(), { version: 1, chat: ['10.96.0.9'], 'minio.storage.svc': ['10.96.0.7'] })
  assert.deepEqual(rounds.waits, [30, 30, 30])
})

it('watchAddresses() keeps the last answer for an hour, and says once that there is no new one', async () => {
  dns = { 'minio.storage.svc': ['10.96.0.7'], chat: ['10.96.0.8'] }
  await start()
  dns = { ...dns, chat: 'ENOTFOUND' }
  clock = new Date('2026-11-21T07:00:00Z')
  await rounds.next()
  await rounds.next()
  assert.deepEqual(await handoff(), { version: 1, chat: ['10.96.0.8'], 'minio.storage.svc': ['10.96.0.7'] })
  assert.deepEqual(
    said('name not looked up').map(({ name, reason }) => [name, reason]),
    [['chat', 'ENOTFOUND']],
  )
  clock = new Date('2026-11-21T07:00:01Z')
  await rounds.next()
  assert.deepEqual(await handoff(), { version: 1, 'minio.storage.svc': ['10.96.0.7'] })
  dns = { ...dns, chat: ['10.96.0.9'] }
  await rounds.next()
  assert.deepEqual(await handoff(), { version: 1, chat: ['10.96.0.9'], 'minio.storage.svc': ['10.96.0.7'] })
  assert.equal(said('name looked up again').length, 1)
})

it('watchAddresses() leaves what was handed over before until it finds something', async () => {
  dns = { 'minio.storage.svc': ['10.96.0.7'], chat: ['10.96.0.8'] }
  await start()
  abort.abort()
  await done
  const before = await handoff()
  abort = new AbortController()
  rounds = new Rounds()
  dns = {}
  await start()
  assert.deepEqual(await handoff(), before)
})

it('watchAddresses() empties the table when no name is left to look up', async () => {
  dns = { 'minio.storage.svc': ['10.96.0.7'], chat: ['10.96.0.8'] }
  await start()
  abort.abort()
  await done
  abort = new AbortController()
  rounds = new Rounds()
  await start(configOf('https://s3.eu-central-1.amazonaws.com'))
  assert.deepEqual(await handoff(), { version: 1 })
})

it('watchAddresses() tries again when it cannot write', async () => {
  dns = { 'minio.storage.svc': ['10.96.0.7'], chat: ['10.96.0.8'] }
  await writeFile(host.path('/run'), 'no folder')
  await start()
  assert.equal(said('addresses not handed over').length, 1)
  await rm(host.path('/run'))
  await rounds.next()
  assert.deepEqual(await handoff(), { version: 1, chat: ['10.96.0.8'], 'minio.storage.svc': ['10.96.0.7'] })
})
