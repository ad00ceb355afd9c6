import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, afterEach, before, beforeEach, it } from 'node:test'
import type { Config } from '../../../config/config.ts'
import { readConfig } from '../../../config/read-config.ts'
import type { OperatorError } from '../../../crash/errors.ts'
import { Host } from '../../../handoff/host.ts'
import { watchConfiguration } from '../../../installer/supply/configuration.ts'
import { privateAuthority } from '../../fakes/private-authority.ts'
import { type LogLine, openLogLines } from '../log-lines.ts'
import { Rounds } from '../rounds.ts'

const STORAGE = 'StorageConfig: {S3Bucket: crashes, s3Region: eu-central-1}\n'
const SECRETS = 'StorageConfig: {s3AccesskeyID: id, s3SecretAccessKey: top-secret}\n'

let root = ''
let folder = ''

before(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'coredog-configuration-'))
})
beforeEach(async () => {
  folder = await mkdtemp(path.join(root, 'case-'))
  await mkdir(path.join(folder, 'source'))
})
after(() => rm(root, { recursive: true, force: true }))

interface Told {
  readonly config: Config
  readonly until: AbortSignal
}

/** An installer's configuration at work, and what it said to whom. */
class Watched {
  readonly rounds = new Rounds()
  readonly told: Told[] = []
  readonly refused: OperatorError[] = []
  /** What is said to be wrong with the newest one, each time that it changes. */
  readonly refusals: (string | null)[] = []
  readonly lines: LogLine[]
  readonly #abort = new AbortController()
  readonly #done: Promise<void>

  constructor(onConfig?: (told: Told) => Promise<void>, secretsFolder = 'secrets') {
    const { log, lines } = openLogLines()
    this.lines = lines
    this.#done = watchConfiguration(
      {
        source: {
          configFolder: path.join(folder, 'source'),
          secretsFolder: path.join(folder, secretsFolder),
        },
        host: new Host(path.join(folder, 'host')),
        log,
        onConfig: (config, until) => {
          this.told.push({ config, until })
          return onConfig?.({ config, until })
        },
        onRefused: error => {
          this.refusals.push(error?.message ?? null)
          if (error !== null) this.refused.push(error)
        },
        pause: this.rounds.pause,
      },
      this.#abort.signal,
    )
  }

  async stop(): Promise<void> {
    this.#abort.abort()
    await this.#done
  }
}

let watched: Watched | null = null
afterEach(async () => {
  await watched?.stop()
  watched = null
})

async function start(...options: ConstructorParameters<typeof Watched>): Promise<Watched> {
  watched = new Watched(...options)
  await watched.rounds.over()
  return watched
}

function bucketOf({ storage }: Config): string {
  return storage.protocol === 'cfs' ? storage.mountPath : storage.bucket
}

async function writeSource(text: string): Promise<void> {
  await writeFile(path.join(folder, 'source/coredog.yaml'), text)
}

async function writeSecrets(text: string): Promise<void> {
  await mkdir(path.join(folder, 'secrets'), { recursive: true })
  await writeFile(path.join(folder, 'secrets/coredog-secrets.yaml'), text)
}

function onHost(name = 'coredog.yaml'): string {
  return path.join(folder, 'host/etc/coredog', name)
}

async function hostConfig(): Promise<Config> {
  return (await readConfig(onHost())).config
}

it('watchConfiguration() says when nothing is refused any more, also where what was there before is back', async () => {
  await writeSource(STORAGE)
  const { refusals, rounds, told } = await start()
  await writeSource('nonsense: [')
  await rounds.next()
  await writeSource(STORAGE)
  await rounds.next()
  assert.deepEqual([refusals.length, refusals[0], refusals[2], told.length], [3, null, null, 1])
  assert.match(refusals[1] ?? '', /coredog\.yaml/)
})

it('watchConfiguration() installs what is there, and tells of it', async () => {
  await writeSource(STORAGE)
  await writeSecrets(SECRETS)
  const { told, refused } = await start()
  assert.deepEqual(
    told.map(({ config }) => config),
    [await hostConfig()],
  )
  assert.equal(await readFile(onHost(), 'utf8'), STORAGE)
  assert.equal(await readFile(onHost('coredog-secrets.yaml'), 'utf8'), SECRETS)
  assert.equal((await stat(onHost('coredog-secrets.yaml'))).mode & 0o7777, 0o600)
  assert.deepEqual(refused, [])
})

it('watchConfiguration() brings the authorities that caFile names, and follows them', async () => {
  const [first, second] = [await privateAuthority(), await privateAuthority()]
  await writeSource(`${STORAGE}network: {caFile: ca.crt}\n`)
  await writeFile(path.join(folder, 'source/ca.crt'), `# of the ConfigMap\n${first.certificate}`)
  const { rounds, told } = await start()
  assert.equal(await readFile(onHost('coredog-authorities.pem'), 'utf8'), `${first.certificate.trim()}\n`)
  assert.deepEqual(told[0]?.config, await hostConfig())
  await writeFile(path.join(folder, 'source/ca.crt'), second.certificate)
  await rounds.next()
  assert.equal(told.length, 2)
  assert.deepEqual((await hostConfig()).network.authorities, [`${second.certificate.trim()}\n`])
  await writeSource(STORAGE)
  await rounds.next()
  await assert.rejects(stat(onHost('coredog-authorities.pem')), { code: 'ENOENT' })
})

it('watchConfiguration() finds a caFile of the node below its root', async () => {
  const { certificate } = await privateAuthority()
  await writeSource(`${STORAGE}network: {caFile: /etc/pki/of-the-node-only.pem}\n`)
  await mkdir(path.join(folder, 'host/etc/pki'), { recursive: true })
  await writeFile(path.join(folder, 'host/etc/pki/of-the-node-only.pem'), certificate)
  await start()
  assert.deepEqual((await hostConfig()).network.authorities, [`${certificate.trim()}\n`])
})

it('watchConfiguration() refuses a caFile that is not there', async () => {
  await writeSource(`${STORAGE}network: {caFile: ca.crt}\n`)
  const { refused } = await start()
  assert.match(refused[0]?.message ?? '', /^Cannot read network\.caFile: there is no /)
  assert.match(refused[0]?.hint ?? '', /beside coredog\.yaml/)
})

it('watchConfiguration() tells nothing new of what stays as it is', async () => {
  await writeSource(STORAGE)
  const { rounds, told, lines } = await start()
  const said = lines.length
  await rounds.next()
  await rounds.next()
  assert.equal(told.length, 1)
  assert.equal(lines.length, said)
})

it('watchConfiguration() follows a change of the text, and of the secrets', async () => {
  await writeSource(STORAGE)
  const { rounds, told } = await start()
  await writeSource(STORAGE.replace('crashes', 'others'))
  await rounds.next()
  assert.equal(bucketOf(await hostConfig()), 'others')
  await writeSecrets(SECRETS)
  await rounds.next()
  assert.equal(told.length, 3)
  assert.deepEqual(told.at(-1)?.config, await hostConfig())
  assert.deepEqual(
    told.map(({ until }) => until.aborted),
    [true, true, false],
  )
})

it('watchConfiguration() follows the link that a kubelet replaces', async () => {
  const source = path.join(folder, 'source')
  const publish = async (version: string, text: string) => {
    await mkdir(path.join(source, version))
    await writeFile(path.join(source, version, 'coredog.yaml'), text)
    await symlink(version, path.join(source, '..data_tmp'))
    await rename(path.join(source, '..data_tmp'), path.join(source, '..data'))
  }
  await publish('..2026_1', STORAGE)
  await symlink('..data/coredog.yaml', path.join(source, 'coredog.yaml'))
  const { rounds, told } = await start()
  await publish('..2026_2', STORAGE.replace('crashes', 'others'))
  await rounds.next()
  assert.deepEqual(
    told.map(({ config }) => bucketOf(config)),
    ['crashes', 'others'],
  )
})

it('watchConfiguration() reads both from one folder', async () => {
  await writeSource(STORAGE)
  await writeFile(path.join(folder, 'source/coredog-secrets.yaml'), SECRETS)
  await start(undefined, 'source')
  assert.equal(await readFile(onHost('coredog-secrets.yaml'), 'utf8'), SECRETS)
})

it('watchConfiguration() refuses what is broken, once, and leaves the good one on the node', async () => {
  await writeSource(STORAGE)
  const { rounds, told, refused, lines } = await start()
  await writeSource(`${STORAGE}compression: rar\n`)
  await rounds.next()
  await rounds.next()
  const said = 'Cannot use "coredog.yaml": line 2: compression is "rar"; allowed: gzip, zstd, none'
  assert.deepEqual(
    refused.map(({ message }) => message),
    [said],
  )
  assert.deepEqual(
    lines.filter(({ msg }) => msg === 'configuration refused').map(({ reason }) => reason),
    [said],
  )
  assert.equal(await readFile(onHost(), 'utf8'), STORAGE)
  assert.equal(told[0]?.until.aborted, false)

  await writeSource(`${STORAGE}a: [\n`)
  await rounds.next()
  assert.equal(refused.length, 2)

  await writeSource(STORAGE)
  await rounds.next()
  assert.equal(told.length, 1)
  await writeSource(`${STORAGE}a: [\n`)
  await rounds.next()
  assert.equal(refused.length, 3)
})

it('watchConfiguration() refuses a ConfigMap without the file', async () => {
  await writeSource(STORAGE)
  const { rounds, refused } = await start()
  await rm(path.join(folder, 'source/coredog.yaml'))
  await rounds.next()
  assert.match(refused[0]?.message ?? '', /there is no such file$/)
  assert.equal(await readFile(onHost(), 'utf8'), STORAGE)
})

it('watchConfiguration() never logs a secret, nor tells it in a refusal', async () => {
  await writeSource(`${STORAGE}foo: 1`)
  await writeSecrets(`${SECRETS}CoreSight: {enabled: true, apiUrl: top-secret}`)
  const { lines, refused } = await start()
  assert.equal(refused.length, 1)
  assert.doesNotMatch(
    JSON.stringify([lines, refused.map(({ message, hint }) => [message, hint])]),
    /top-secret/,
  )
})

it('watchConfiguration() removes the secrets that are removed', async () => {
  await writeSource(STORAGE)
  await writeSecrets(SECRETS)
  const { rounds, told } = await start()
  await rm(path.join(folder, 'secrets'), { recursive: true })
  await rounds.next()
  await assert.rejects(stat(onHost('coredog-secrets.yaml')), { code: 'ENOENT' })
  assert.equal(told.length, 2)
  assert.deepEqual(told.at(-1)?.config, await hostConfig())
})

it('watchConfiguration() puts back what somebody changed on the node', async () => {
  await writeSource(STORAGE)
  const { rounds, told } = await start()
  await rm(path.join(folder, 'host/etc/coredog'), { recursive: true })
  await rounds.next()
  assert.equal(await readFile(onHost(), 'utf8'), STORAGE)
  assert.equal(told.length, 1)
})

it('watchConfiguration() warns once of each version', async () => {
  await writeSource(`${STORAGE}foo: 1`)
  const { rounds, lines } = await start()
  await rounds.next()
  const warnings = () =>
    lines.filter(({ msg }) => msg === 'configuration warning').map(({ warning }) => warning)
  assert.deepEqual(warnings(), ['coredog.yaml:2: foo is not a key of CoreDog and is ignored'])
  await writeSource(`${STORAGE}foo: 2`)
  await rounds.next()
  assert.equal(warnings().length, 2)
})

it('watchConfiguration() goes on with what is on the node when it is started with a broken one', async () => {
  await writeSource(STORAGE)
  await start()
  await watched?.stop()
  await writeSource('a: [')
  const { told, refused, rounds } = await start()
  assert.equal(refused.length, 1)
  assert.deepEqual(
    told.map(({ config }) => bucketOf(config)),
    ['crashes'],
  )
  await writeSource(STORAGE.replace('crashes', 'others'))
  await rounds.next()
  assert.deepEqual(
    told.map(({ config }) => bucketOf(config)),
    ['crashes', 'others'],
  )
})

it('watchConfiguration() waits for a first one that can be used', async () => {
  const { rounds, told } = await start()
  assert.equal(told.length, 0)
  await writeSource(STORAGE)
  await rounds.next()
  assert.equal(told.length, 1)
})

it('watchConfiguration() tries again when the node cannot be written to', async () => {
  await writeSource(STORAGE)
  await writeFile(path.join(folder, 'host'), 'no folder')
  const { rounds, refused, told } = await start()
  await rounds.next()
  assert.deepEqual(
    refused.map(({ message }) => message.slice(0, 30)),
    ['Cannot write the configuration'],
  )
  assert.equal(told.length, 0)
  await rm(path.join(folder, 'host'))
  await rounds.next()
  assert.equal(told.length, 1)
})

it('watchConfiguration() tells of the next one when who followed the last one has ended', async () => {
  await writeSource(STORAGE)
  const events: string[] = []
  const follow = async ({ config, until }: Told) => {
    events.push(`begin ${bucketOf(config)}`)
    await new Promise(resolve => until.addEventListener('abort', resolve))
    events.push(`end ${bucketOf(config)}`)
  }
  const { rounds } = await start(follow)
  await writeSource(STORAGE.replace('crashes', 'others'))
  await rounds.next()
  await watched?.stop()
  assert.deepEqual(events, ['begin crashes', 'end crashes', 'begin others', 'end others'])
})

it('watchConfiguration() goes on when who follows fails', async () => {
  await writeSource(STORAGE)
  const { rounds, told, lines } = await start(() => Promise.reject(new Error('of its own')))
  await rounds.next()
  await writeSource(STORAGE.replace('crashes', 'others'))
  await rounds.next()
  assert.equal(told.length, 2)
  assert.equal(lines.filter(({ msg }) => msg === 'configuration not followed').length, 2)
})

it('watchConfiguration() leaves alone what it would only copy onto itself', async () => {
  await mkdir(path.join(folder, 'host/etc'), { recursive: true })
  await rename(path.join(folder, 'source'), path.join(folder, 'host/etc/coredog'))
  await writeFile(onHost(), STORAGE)
  const { log } = openLogLines()
  const rounds = new Rounds()
  const abort = new AbortController()
  const told: Config[] = []
  const done = watchConfiguration(
    {
      source: { configFolder: path.dirname(onHost()), secretsFolder: path.dirname(onHost()) },
      host: new Host(path.join(folder, 'host')),
      log,
      onConfig: config => void told.push(config),
      onRefused: error => assert.equal(error, null),
      pause: rounds.pause,
    },
    abort.signal,
  )
  await rounds.over()
  abort.abort()
  await done
  assert.equal(told.length, 1)
  await assert.rejects(stat(onHost('..data')), { code: 'ENOENT' })
})
