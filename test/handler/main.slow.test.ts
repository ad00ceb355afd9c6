import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, openSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { it, type TestContext } from 'node:test'
import { temporaryFolder } from '../fakes/core-file.ts'
import { elfCore } from '../fakes/elf-core.ts'
import { type Failure, startFakeChat } from '../fakes/fake-chat.ts'
import { startFakeS3 } from '../fakes/fake-s3.ts'

const MAIN = path.join(import.meta.dirname, '../../handler/main.ts')
const core = elfCore({ memory: [{ address: 0x400000n, bytes: Buffer.alloc(300 * 1024, 'heap') }] })

interface Line {
  readonly level: number
  readonly msg: string
  readonly err?: { readonly message: string; readonly hint?: string }
  readonly reason?: string
  readonly hint?: string
  readonly report?: {
    readonly process?: { readonly comm?: string }
    readonly core?: { readonly complete?: boolean; readonly incompleteReason?: string }
  }
}

interface Ended {
  readonly exitCode: number
  readonly lines: readonly Line[]
  readonly folder: string
}

/**
 * Runs the handler as the kernel does, with nothing in its environment, on a crash that is to be collected.
 */
async function handle(test: TestContext, settings: object, input = core): Promise<Ended> {
  const folder = temporaryFolder(test)
  mkdirSync(path.join(folder, 'store'))
  const paths = { log: path.join(folder, 'log/handler.log'), state: folder, run: folder }
  const defaults = {
    StorageConfig: { CFSMountPath: path.join(folder, 'store'), protocol: 'cfs' },
    cri: { sockets: [] },
  }
  writeFileSync(path.join(folder, 'c.yaml'), JSON.stringify({ ...defaults, paths, ...settings }))
  writeFileSync(path.join(folder, 'core'), input)
  // A pid that no process can have, so nothing is known of it.
  const kernel = ['4194305', 'my app', '1763700000', '11', '4194305', '1', '0', '']
  const child = spawn(process.execPath, [MAIN, `--config=${folder}/c.yaml`, ...kernel], {
    stdio: [openSync(path.join(folder, 'core'), 'r'), 'ignore', 'inherit'],
    env: {},
    cwd: '/',
  })
  const [exitCode] = await once(child, 'exit')
  return { exitCode, lines: linesOf(paths.log), folder }
}

function linesOf(log: string): Line[] {
  return readFileSync(log, 'utf8')
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line))
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(({ name }) => name)
    .sort()
}

it('the handler stores a crash of a process that nobody knows, and says so in one line', async t => {
  const { exitCode, lines, folder } = await handle(t, {})
  assert.deepEqual([exitCode, lines.map(({ msg }) => msg)], [0, ['crash stored']])
  const stored = filesIn(path.join(folder, 'store'))
  // Two names in the index, and what is kept.
  assert.deepEqual(stored.slice(2), ['core.gz', 'report.json'])
  assert.deepEqual(new Set(stored.slice(0, 2).map(name => name.split('_')[1])).size, 1)
})

const odd = [
  { name: 'a core that is no ELF', input: Buffer.from('no core at all '.repeat(100)), reason: /ELF/ },
  {
    name: 'stdin closed half way',
    input: core.subarray(0, core.length / 2),
    reason: /the kernel stopped after/,
  },
]
for (const { name, input, reason } of odd) {
  it(`the handler keeps ${name}, and says that it is not whole`, async t => {
    const { exitCode, lines } = await handle(t, {}, input)
    assert.deepEqual([exitCode, lines.map(({ msg }) => msg)], [0, ['crash stored']])
    assert.match(lines[0]?.report?.core?.incompleteReason ?? '', reason)
  })
}

it('the handler says that a crash is lost of which nothing came', async t => {
  const { exitCode, lines, folder } = await handle(t, {}, Buffer.alloc(0))
  assert.deepEqual([exitCode, lines.map(({ msg }) => msg)], [1, ['crash lost']])
  assert.match(lines[0]?.err?.hint ?? '', /killed before its dump began/)
  assert.equal(lines[0]?.report?.process?.comm, 'my app')
  assert.deepEqual(filesIn(path.join(folder, 'store')), [])
})

it('the handler says what to do about a mount that is not there', async t => {
  const { exitCode, lines } = await handle(t, {
    StorageConfig: { protocol: 'cfs', CFSMountPath: '/nowhere' },
    spool: { maxBytes: 0 },
  })
  assert.deepEqual([exitCode, lines.map(({ msg }) => msg)], [1, ['crash lost']])
  assert.match(`${lines[0]?.err?.message} ${lines[0]?.err?.hint}`, /\/nowhere.*Mount/s)
})

const s3 = {
  protocol: 's3',
  s3AccesskeyID: 'AKIDEXAMPLE',
  s3SecretAccessKey: 'wrong-secret-key',
  s3Region: 'us-east-1',
}

it('the handler says what to do about a store that is not there', { timeout: 120_000 }, async t => {
  const { exitCode, lines } = await handle(t, {
    StorageConfig: { ...s3, S3Bucket: 'cores', S3Endpoint: 'http://127.0.0.1:1' },
    storage: { patience: '0s' },
    spool: { maxBytes: 0 },
  })
  assert.deepEqual([exitCode, lines.map(({ msg }) => msg)], [1, ['crash lost']])
  assert.match(lines[0]?.err?.message ?? '', /Cannot put .*127\.0\.0\.1:1|refused/s)
  assert.notEqual(lines[0]?.err?.hint, undefined)
})

it('the handler says what to do about wrong credentials, and shows none', { timeout: 120_000 }, async t => {
  await using server = await startFakeS3()
  const { exitCode, lines } = await handle(t, {
    StorageConfig: { ...s3, S3Bucket: 'cores', S3Endpoint: server.endpoint },
    spool: { maxBytes: 0 },
  })
  assert.deepEqual([exitCode, lines.map(({ msg }) => msg)], [1, ['crash lost']])
  assert.match(lines[0]?.err?.hint ?? '', /s3SecretAccessKey|s3AccesskeyID/)
  assert.ok(!JSON.stringify(lines).includes('wrong-secret-key'))
})

it('the handler says what to do about a bucket that is not there', { timeout: 120_000 }, async t => {
  await using server = await startFakeS3()
  const { accessKeyId: s3AccesskeyID, secretAccessKey: s3SecretAccessKey } = server.credentials
  const storage = {
    ...s3,
    s3AccesskeyID,
    s3SecretAccessKey,
    S3Bucket: 'no-such-bucket',
    S3Endpoint: server.endpoint,
  }
  const { exitCode, lines } = await handle(t, { StorageConfig: storage, spool: { maxBytes: 0 } })
  assert.deepEqual([exitCode, lines.map(({ msg }) => msg)], [1, ['crash lost']])
  assert.match(lines[0]?.err?.hint ?? '', /bucket/i)
})

it('the handler leaves in the spool what the store does not take, and says why', {
  timeout: 120_000,
}, async t => {
  const { exitCode, lines, folder } = await handle(t, {
    StorageConfig: { ...s3, S3Bucket: 'cores', S3Endpoint: 'http://127.0.0.1:1' },
    storage: { patience: '0s' },
  })
  assert.deepEqual([exitCode, lines.map(({ msg }) => msg)], [0, ['core goes to the spool', 'crash spooled']])
  assert.match(`${lines[0]?.reason} ${lines[0]?.hint}`, /nothing listens.*127\.0\.0\.1:1.*S3Endpoint/s)
  assert.equal(lines[1]?.report?.core?.complete, true)
  assert.deepEqual(filesIn(path.join(folder, 'spool')), ['part-00001', 'record.json'])
})

it('the handler leaves nothing in the spool when all goes well', async t => {
  const { folder } = await handle(t, {})
  assert.deepEqual(filesIn(path.join(folder, 'spool')), [])
})

it('the handler stores a crash although there can be no spool', async t => {
  const { exitCode, lines } = await handle(t, { spool: { dir: '/dev/null/spool' } })
  assert.deepEqual([exitCode, lines.map(({ msg }) => msg)], [0, ['spool not available', 'crash stored']])
})

const failures: { name: string; failure: Failure }[] = [
  { name: 'answers 500', failure: { status: 500 } },
  {
    name: 'answers 200 with an error in its body',
    failure: {
      status: 200,
      body: { code: 19001, msg: 'param invalid: incoming webhook access token invalid' },
    },
  },
]
for (const { name, failure } of failures) {
  it(`the handler keeps the crash when a channel ${name}, and says so`, { timeout: 120_000 }, async t => {
    const chat = await startFakeChat()
    t.after(() => chat.close())
    chat.failNext(failure, failure, failure, failure)
    const { exitCode, lines } = await handle(t, {
      NoticeChannel: [{ chan: 'feishu', webhookurl: chat.url('feishu') }],
    })
    assert.deepEqual([exitCode, lines.map(({ msg }) => msg)], [0, ['crash stored', 'notice failed']])
    assert.ok(!JSON.stringify(lines).includes(new URL(chat.url('feishu')).pathname))
  })
}

it('the handler tells the chat of a crash that is lost', { timeout: 120_000 }, async t => {
  const chat = await startFakeChat()
  t.after(() => chat.close())
  const { exitCode } = await handle(t, {
    NoticeChannel: [{ chan: 'feishu', webhookurl: chat.url('feishu') }],
    StorageConfig: { protocol: 'cfs', CFSMountPath: '/nowhere' },
    spool: { maxBytes: 0 },
  })
  assert.equal(exitCode, 1)
  assert.match(chat.messages[0]?.text ?? '', /\/nowhere/)
})
