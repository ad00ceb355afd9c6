import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { it, type TestContext } from 'node:test'
import { gunzipSync } from 'node:zlib'
import type { Answer } from '../../../handler/from-file/answer-for-file.ts'
import { temporaryFolder } from '../../fakes/core-file.ts'
import { elfCore } from '../../fakes/elf-core.ts'

const MAIN = path.join(import.meta.dirname, '../../../handler/main.ts')
const AT = 1_763_700_000
const core = elfCore({
  comm: '--help',
  memory: [{ address: 0x400000n, bytes: Buffer.alloc(300 * 1024, 'heap') }],
})

/**
 * A node below a folder, as the installer's container sees it, with a file system that is mounted at
 * /mnt/cfs.
 */
function nodeIn(test: TestContext, settings: object = {}): string {
  const root = temporaryFolder(test)
  for (const folder of ['mnt/cfs', 'etc/coredog', 'run/coredog'])
    mkdirSync(path.join(root, folder), { recursive: true })
  const storage = { protocol: 'cfs', CFSMountPath: '/mnt/cfs' }
  writeFileSync(
    path.join(root, 'etc/coredog/coredog.yaml'),
    JSON.stringify({ StorageConfig: storage, ...settings }),
  )
  const pod = { namespace: 'shop', name: 'web-0', uid: 'u1', annotations: { 'coredog.io/inject': 'true' } }
  writeFileSync(path.join(root, 'run/coredog/pods.json'), JSON.stringify([pod]), { mode: 0o600 })
  writeFileSync(path.join(root, 'run/coredog/node.json'), JSON.stringify({ name: 'node-1' }), { mode: 0o600 })
  return root
}

function coreFileIn(root: string, bytes = core): string {
  const file = path.join(root, 'core')
  writeFileSync(file, bytes)
  utimesSync(file, AT + 5, AT + 5)
  return file
}

interface Ended {
  readonly exitCode: number | null
  readonly answer: Answer
  readonly log: readonly { readonly msg: string }[]
}

function collectFile(root: string, stdin: number, overrides: readonly string[] = []): Ended {
  const named = [
    '--namespace=shop',
    '--pod=web-0',
    '--container=app',
    '--id=0123456789ab',
    `--path=shop/web-0/app/core.--help.7.web-0.${AT}`,
  ]
  const argv = [MAIN, 'collect-file', `--root=${root}`, ...named, ...overrides]
  const { status, stdout } = spawnSync(process.execPath, argv, {
    stdio: [stdin, 'pipe', 'inherit'],
    encoding: 'utf8',
  })
  closeSync(stdin)
  assert.match(stdout, /^\{.*\}\n$/)
  return {
    exitCode: status,
    answer: JSON.parse(stdout),
    log: linesOf(path.join(root, 'var/log/coredog/handler.log')),
  }
}

function linesOf(log: string): { msg: string }[] {
  return readFileSync(log, 'utf8')
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line))
}

function objectsIn(root: string): string[] {
  return readdirSync(path.join(root, 'mnt/cfs'), { recursive: true, encoding: 'utf8' })
    .filter(name => path.extname(name) !== '' && !name.endsWith('ab'))
    .sort()
}

const KEY = 'corefiles/shop/web-0/app/20251121T044000Z---help-7-0123456789ab'

it('collect-file stores the core on stdin, below the root, and answers in one line', t => {
  const root = nodeIn(t)
  const { exitCode, answer, log } = collectFile(root, openSync(coreFileIn(root), 'r'))
  assert.deepEqual([exitCode, answer.outcome], [0, 'stored'])
  assert.deepEqual(objectsIn(root), [`${KEY}/core.gz`, `${KEY}/report.json`])
  assert.ok(gunzipSync(readFileSync(path.join(root, 'mnt/cfs', KEY, 'core.gz'))).equals(core))
  const report = 'report' in answer ? answer.report : assert.fail()
  assert.deepEqual([report.pod?.uid, report.node?.name, report.process?.comm], ['u1', 'node-1', '--help'])
  assert.deepEqual(
    log.map(({ msg }) => msg),
    ['crash stored'],
  )
})

it('collect-file takes a file again, and leaves the same objects', t => {
  const root = nodeIn(t)
  const file = coreFileIn(root)
  for (const outcome of ['stored', 'stored'])
    assert.equal(collectFile(root, openSync(file, 'r')).answer.outcome, outcome)
  assert.deepEqual(objectsIn(root), [`${KEY}/core.gz`, `${KEY}/report.json`])
})

it('collect-file takes another configuration as it is named', t => {
  const root = nodeIn(t)
  const file = path.join(root, 'other.yaml')
  writeFileSync(
    file,
    JSON.stringify({ collect: { pods: 'none' }, StorageConfig: { protocol: 'cfs', CFSMountPath: '/' } }),
  )
  const argv = [MAIN, `--config=${file}`, 'collect-file', `--root=${root}`, '--namespace=shop', '--pod=p']
  const stdin = openSync(coreFileIn(root), 'r')
  const { status, stdout } = spawnSync(process.execPath, [...argv, '--id=0123456789ab', '--path=x'], {
    stdio: [stdin, 'pipe', 'inherit'],
    encoding: 'utf8',
  })
  closeSync(stdin)
  assert.deepEqual([status, JSON.parse(stdout)], [0, { outcome: 'skipped', reason: 'collect.pods is none' }])
})

it('collect-file refuses what is no core, and says so', t => {
  const root = nodeIn(t)
  const { exitCode, answer, log } = collectFile(
    root,
    openSync(coreFileIn(root, Buffer.from('root:x:0:0')), 'r'),
  )
  assert.deepEqual(
    [exitCode, answer],
    [2, { outcome: 'refused', reason: 'it does not begin as an ELF core' }],
  )
  assert.deepEqual(
    log.map(({ msg }) => msg),
    ['core file refused'],
  )
})

const failing: {
  name: string
  settings?: object
  overrides?: string[]
  stdin?: (file: string) => number
  hint: RegExp
}[] = [
  {
    name: 'the store is not there',
    settings: { StorageConfig: { protocol: 'cfs', CFSMountPath: '/nowhere' } },
    hint: /Mount/,
  },
  { name: 'its configuration is wrong', settings: { compression: 'rar' }, hint: /Correct line/ },
  { name: 'the id is none', overrides: ['--id=../x'], hint: /hexadecimal/ },
  { name: 'stdin is no file', stdin: () => openSync('/dev/null', 'r'), hint: /Open the core file/ },
  {
    name: 'somebody has read from stdin',
    stdin: file => {
      const fd = openSync(file, 'r')
      readSync(fd, Buffer.alloc(10))
      return fd
    },
    hint: /anew/,
  },
]
for (const { name, settings, overrides, stdin = (file: string) => openSync(file, 'r'), hint } of failing) {
  it(`collect-file fails when ${name}, says what to do, and shows no stack`, t => {
    const root = nodeIn(t, settings)
    const { exitCode, answer, log } = collectFile(root, stdin(coreFileIn(root)), overrides)
    assert.deepEqual([exitCode, answer.outcome], [1, 'failed'])
    assert.match(('hint' in answer && answer.hint) || '', hint)
    assert.deepEqual(
      log.map(({ msg }) => msg),
      ['core file not stored'],
    )
    assert.ok(!JSON.stringify(answer).includes('.ts:'))
    assert.deepEqual(objectsIn(root), [])
  })
}

it('replay takes a core from a file, of which nobody says whose it was', t => {
  const root = temporaryFolder(t)
  mkdirSync(path.join(root, 'cfs'))
  const config = path.join(root, 'c.yaml')
  const paths = { log: path.join(root, 'log'), state: root, run: root }
  const storage = { protocol: 'cfs', CFSMountPath: path.join(root, 'cfs') }
  writeFileSync(config, JSON.stringify({ StorageConfig: storage, paths }))
  const run = (file: string) =>
    spawnSync(process.execPath, [MAIN, `--config=${config}`, 'replay', file], { encoding: 'utf8' })
  const { status, stdout } = run(coreFileIn(root))
  const report = JSON.parse(stdout)
  assert.deepEqual([status, report.core.complete, report.process.namespacedPid], [0, true, 7])
  assert.match(report.core.key, /^corefiles\/_unverified\//)
  const refused = run(config)
  assert.equal(refused.status, 1)
  assert.match(refused.stderr, /^Cannot replay .*: it does not begin as an ELF core\nGive an uncompressed/)
})
