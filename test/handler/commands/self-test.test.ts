import assert from 'node:assert/strict'
import { execFile, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, it } from 'node:test'
import { promisify } from 'node:util'
import { parseSelfTest } from '../../../installer/status/self-test-report.ts'
import { startFakeReceiver } from '../../fakes/fake-receiver.ts'

const MAIN = path.resolve(import.meta.dirname, '../../../handler/main.ts')
const folder = mkdtempSync(path.join(tmpdir(), 'coredog-self-test-'))
after(() => rmSync(folder, { recursive: true }))

it('self-test says `warn`, not `ok`, of a channel that is left out, and ends with 0', () => {
  const file = path.join(folder, 'coredog.yaml')
  writeFileSync(
    file,
    `StorageConfig: {protocol: cfs, CFSMountPath: "${folder}"}
NoticeChannel: [{chan: pigeon, webhookurl: "https://x.example/y"}]
paths: {log: ${folder}/log, state: ${folder}/state, run: ${folder}/run}
`,
  )
  const { stdout, stderr, status } = spawnSync(process.execPath, [MAIN, `--config=${file}`, 'self-test'], {
    encoding: 'utf8',
  })
  assert.match(stdout, /^warn {3}configuration: .*"pigeon".*left out$/m)
  assert.match(stdout, /^warn {3}channels: none configured/m)
  assert.equal(status, 0)
  // The installer reads what the handler really prints.
  const checks = parseSelfTest({ exitCode: status, stdout, stderr })
  assert.deepEqual(
    checks.map(({ name, ok, warning = false }) => [name, ok, warning]),
    [
      ['configuration', true, false],
      ['configuration', true, true],
      ['storage', true, false],
      ['compression', true, false],
      ['channels', true, true],
    ],
  )
})

it('self-test warns when there are crashes of which nobody is told', () => {
  const file = path.join(folder, 'unheard.yaml')
  const told = (more: string) => {
    writeFileSync(
      file,
      `StorageConfig: {protocol: cfs, CFSMountPath: "${folder}"}
NoticeChannel: [{chan: slack, webhookurl: "https://x.example/y", namespaces: [shop]}${more}]
paths: {log: ${folder}/log, state: ${folder}/state, run: ${folder}/run}
`,
    )
    return spawnSync(process.execPath, [MAIN, `--config=${file}`, 'self-test'], { encoding: 'utf8' }).stdout
  }
  assert.match(told(''), /^warn {3}channels: each hears of some crashes only: .*\n +Add a channel/m)
  assert.doesNotMatch(told(', {chan: slack, webhookurl: "https://x.example/z"}'), /each hears/)
})

it('self-test says which of those that have symbols cannot be asked, and ends with 0: a message needs none', () => {
  const file = path.join(folder, 'symbols.yaml')
  writeFileSync(
    file,
    `StorageConfig: {protocol: cfs, CFSMountPath: "${folder}"}
symbols: [_symbols, 'http://127.0.0.1:1']
paths: {log: ${folder}/log, state: ${folder}/state, run: ${folder}/run}
`,
  )
  const { stdout, stderr, status } = spawnSync(process.execPath, [MAIN, `--config=${file}`, 'self-test'], {
    encoding: 'utf8',
  })
  assert.match(stdout, /^ok {5}symbols: _symbols can be asked$/m)
  assert.match(stdout, /^warn {3}symbols: http:\/\/127\.0\.0\.1:1: /m)
  assert.equal(status, 0)
  const checks = parseSelfTest({ exitCode: status, stdout, stderr })
  assert.deepEqual(
    checks.filter(({ name }) => name === 'symbols').map(({ ok, warning = false }) => [ok, warning]),
    [
      [true, false],
      [true, true],
    ],
  )
})

it('self-test --root tries what the installer sees below the root of the node', () => {
  const root = path.join(folder, 'host')
  for (const made of ['etc/coredog', 'mnt/cores']) mkdirSync(path.join(root, made), { recursive: true })
  writeFileSync(
    path.join(root, 'etc/coredog/coredog.yaml'),
    'StorageConfig: {protocol: cfs, CFSMountPath: /mnt/cores}\n',
  )
  const { stdout } = spawnSync(process.execPath, [MAIN, 'self-test', `--root=${root}`], { encoding: 'utf8' })
  assert.ok(stdout.includes(`ok     storage: wrote and removed cfs://${root}/mnt/cores/`), stdout)
})

it('self-test says by what gzip is done, and --version too', () => {
  const said = (...args: string[]) =>
    spawnSync(process.execPath, [MAIN, ...args], { encoding: 'utf8' }).stdout
  const file = path.join(folder, 'gzip.yaml')
  const yaml = (compression: string) =>
    `StorageConfig: {protocol: cfs, CFSMountPath: "${folder}"}\ncompression: ${compression}\n`
  const [, engine = ''] = said('--version').split('\n')
  assert.match(engine, /^gzip by (zlib: .|ISA-L \d)/)
  writeFileSync(file, yaml('gzip'))
  assert.ok(said(`--config=${file}`, 'self-test').includes(`\nok     compression: ${engine}\n`))
  writeFileSync(file, yaml('zstd'))
  assert.ok(!said(`--config=${file}`, 'self-test').includes('compression'))
})

it('self-test --send tells the destinations, and says which one did not take it, without its address', async () => {
  const receiver = await startFakeReceiver()
  const file = path.join(folder, 'told.yaml')
  const [taken, dead] = [`${receiver.origin}/told`, 'http://127.0.0.1:1/hunter-2-of-the-path']
  writeFileSync(
    file,
    `StorageConfig: {protocol: cfs, CFSMountPath: "${folder}"}
destinations: {webhook: [{url: "${taken}"}, {url: "${dead}"}]}
paths: {log: ${folder}/log, state: ${folder}/state, run: ${folder}/run}
`,
  )
  const run = promisify(execFile)
  const { stdout } = await run(process.execPath, [MAIN, `--config=${file}`, 'self-test'])
  assert.match(stdout, /^ok {5}destinations: 2 configured; --send/m)
  assert.equal(receiver.received.length, 0)
  const sent = await run(process.execPath, [MAIN, `--config=${file}`, 'self-test', '--send']).catch(
    (error: { stdout: string }) => error,
  )
  await receiver.close()
  assert.match(sent.stdout, /^ok {5}destination webhook#1: sent a message$/m)
  assert.match(sent.stdout, /destination webhook#2: the connection was refused/)
  assert.doesNotMatch(sent.stdout, /hunter/)
  assert.match(receiver.received[0]?.body ?? '', /coredog-self-test/)
})
