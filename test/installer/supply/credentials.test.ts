import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, afterEach, before, beforeEach, it } from 'node:test'
import { parseConfig } from '../../../config/parse-config.ts'
import { Host } from '../../../handoff/host.ts'
import { type ProvideCredentials, watchCredentials } from '../../../installer/supply/credentials.ts'
import type { ExpiringCredentials } from '../../../storage/s3/s3-credentials.ts'
import { type LogLine, openLogLines } from '../log-lines.ts'
import { Rounds } from '../rounds.ts'

const NOW = new Date('2026-11-21T06:00:00Z')
const ROLE = parseConfig('StorageConfig: {S3Bucket: crashes, s3Region: eu-central-1}').config
const KEYS = parseConfig(
  'StorageConfig: {S3Bucket: crashes, s3Region: eu-central-1, s3AccesskeyID: a, s3SecretAccessKey: b}',
).config
const MOUNTED = parseConfig('StorageConfig: {protocol: cfs, CFSMountPath: /mnt}').config

let root = ''
let host: Host
let rounds: Rounds
let abort: AbortController
let done: Promise<void>
let lines: LogLine[]
let chance: number
/** What the chain answers, one after the other; the last one again and again. */
let answers: (ExpiringCredentials | string)[]

before(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'coredog-credentials-'))
})
beforeEach(async () => {
  host = new Host(await mkdtemp(path.join(root, 'case-')))
  rounds = new Rounds()
  chance = 0.5
  abort = new AbortController()
})
afterEach(async () => {
  abort.abort()
  await done
})
after(() => rm(root, { recursive: true, force: true }))

function start(config = ROLE, provide: ProvideCredentials | null = nextAnswer): Promise<void> {
  const opened = openLogLines()
  lines = opened.lines
  const options = { config, host, log: opened.log, pause: rounds.pause, now: () => NOW, random: () => chance }
  done = watchCredentials({ ...options, ...(provide !== null && { provide }) }, abort.signal)
  return Promise.race([rounds.over(), done])
}

async function nextAnswer(): Promise<ExpiringCredentials> {
  const answer = answers.length > 1 ? answers.shift() : answers[0]
  if (typeof answer === 'object') return answer
  throw new Error(answer)
}

function identity(name: string, lifeSeconds?: number): ExpiringCredentials {
  const keys = {
    accessKeyId: `ASIA${name}`,
    secretAccessKey: `secret-${name}`,
    sessionToken: `token-${name}`,
  }
  if (lifeSeconds === undefined) return keys
  const more = { expiration: new Date(NOW.getTime() + lifeSeconds * 1000), accountId: '123456789012' }
  return { ...keys, ...more }
}

function file(): string {
  return host.path('/run/coredog/credentials.json')
}

async function handoff(): Promise<unknown> {
  return JSON.parse(await readFile(file(), 'utf8'))
}

it('watchCredentials() hands over what the chain gives, for root alone', async () => {
  answers = [identity('ONE', 3600)]
  await start()
  assert.deepEqual(await handoff(), {
    version: 1,
    accessKeyId: 'ASIAONE',
    secretAccessKey: 'secret-ONE',
    sessionToken: 'token-ONE',
    expiresAt: '2026-11-21T07:00:00.000Z',
  })
  assert.equal((await stat(file())).mode & 0o7777, 0o600)
  assert.doesNotMatch(JSON.stringify(lines), /ASIA|secret-|token-/)
})

it('watchCredentials() asks again at half of their life, within a minute and an hour', async () => {
  answers = [identity('A', 3600), identity('B', 10), identity('C', 86_400), identity('D')]
  await start()
  await rounds.next()
  await rounds.next()
  await rounds.next()
  assert.deepEqual(rounds.waits, [1800, 60, 3600, 3600])
  assert.deepEqual(await handoff(), {
    version: 1,
    accessKeyId: 'ASIAD',
    secretAccessKey: 'secret-D',
    sessionToken: 'token-D',
  })
})

it('watchCredentials() asks a fifth sooner or later, by chance: not all nodes at once', async () => {
  answers = [identity('A', 3600), identity('B', 3600), 'no role']
  chance = 0
  await start()
  chance = 1
  await rounds.next()
  await rounds.next()
  assert.deepEqual(rounds.waits.map(Math.round), [1440, 2160, 6])
})

it('watchCredentials() tries again, ever later, and leaves what was handed over', async () => {
  answers = [identity('A', 3600), ...Array<string>(8).fill('no role'), identity('B', 3600)]
  await start()
  const before = await handoff()
  for (let failure = 0; failure < 8; failure += 1) await rounds.next()
  assert.deepEqual(rounds.waits.slice(1), [5, 10, 20, 40, 80, 160, 300, 300])
  assert.deepEqual(await handoff(), before)
  const warnings = lines.filter(({ msg }) => msg === 'credentials not handed over')
  assert.deepEqual(
    warnings.map(({ reason }) => reason),
    ['no role'],
  )
  await rounds.next()
  assert.notDeepEqual(await handoff(), before)
  answers = ['no role']
  await rounds.next()
  assert.equal(rounds.waits.at(-1), 5)
})

for (const [what, config] of [
  ['has credentials', KEYS],
  ['needs none', MOUNTED],
] as const) {
  it(`watchCredentials() takes away what was handed over when the configuration ${what}`, async () => {
    await mkdir(path.dirname(file()), { recursive: true })
    await writeFile(file(), '{}')
    await start(config, () => assert.fail('the chain was asked'))
    await done
    await assert.rejects(stat(file()), { code: 'ENOENT' })
  })
}

it('watchCredentials() asks the chain of its own pod, anew each time', async t => {
  let asked = 0
  const authorizations = new Set<string | undefined>()
  const agent = createServer(({ headers }, response) => {
    asked += 1
    authorizations.add(headers.authorization)
    response.setHeader('content-type', 'application/json')
    response.end(
      JSON.stringify({
        AccessKeyId: `ASIA${asked}`,
        SecretAccessKey: 'secret',
        Token: 'token',
        Expiration: new Date(Date.now() + 3_600_000).toISOString(),
      }),
    )
  })
  await once(agent.listen(0, '127.0.0.1'), 'listening')
  t.after(() => void agent.close())
  const environment = { ...process.env }
  t.after(() => {
    process.env = environment
  })
  const nowhere = path.join(root, 'nowhere')
  // Listening on a TCP port, never on a pipe.
  const { port } = agent.address() as AddressInfo
  process.env = {
    AWS_CONTAINER_CREDENTIALS_FULL_URI: `http://127.0.0.1:${port}/v1/credentials`,
    AWS_CONTAINER_AUTHORIZATION_TOKEN: 'token-of-the-pod',
    AWS_SHARED_CREDENTIALS_FILE: nowhere,
    AWS_CONFIG_FILE: nowhere,
  }
  await start(ROLE, null)
  await rounds.next()
  assert.equal(asked, 2)
  assert.deepEqual([...authorizations], ['token-of-the-pod'])
  assert.partialDeepStrictEqual(await handoff(), { accessKeyId: 'ASIA2', sessionToken: 'token' })
})
