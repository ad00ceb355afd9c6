import assert from 'node:assert/strict'
import { it } from 'node:test'
import { parse } from 'yaml'
import { ENTRY } from '../../fakes/index-entry.ts'
import { runOnStore } from '../run-on-store.ts'
import { addCrash, emptyStore } from '../stored-crash.ts'

const at = (time: string) => new Date(`2026-11-21T${time}Z`)

async function crashes() {
  const { folder, store } = await emptyStore()
  const report = {
    node: { name: 'ip-10-0-1-7' },
    container: { image: 'registry.example/checkout:1.4.2' },
    process: { executable: '/app/server' },
    crash: { reason: 'It read through a null pointer' },
  }
  await addCrash(store, { core: Buffer.alloc(1_300_000_000 / 1000), report })
  await addCrash(store, {
    id: 'aaaaaaaaaaaa',
    time: at('05:20:00'),
    namespace: 'dev',
    pod: 'web-0',
    storedBytes: 0,
  })
  return folder
}

it('list shows a table of all namespaces, the newest first', async () => {
  const { exitCode, stdout, stderr } = await runOnStore(await crashes(), ['list', '-A'])
  assert.equal(exitCode, 0)
  assert.equal(stderr, '')
  const [head, newest, older] = stdout.split('\n').map(line => line.split(/ {3,}/))
  assert.deepEqual(head, [
    ...['NAMESPACE', 'ID', 'AGE', 'POD', 'CONTAINER', 'SIGNAL', 'PROGRAM', 'SIZE', 'STORED', 'STATUS'],
  ])
  assert.deepEqual(newest?.slice(0, 4), ['dev', 'aaaaaaaaaaaa', '77s', 'web-0'])
  assert.deepEqual(older?.slice(0, 3), ['shop', ENTRY.id, '60m'])
  assert.deepEqual(older?.slice(4, 7), ['app', 'SIGSEGV', '/app/server'])
})

it('list -o wide says why, where, of which image, and of one namespace names none', async () => {
  const { stdout } = await runOnStore(await crashes(), ['list', '-o', 'wide', '-n', 'shop'])
  assert.match(stdout, /^ID .* REASON +NODE +IMAGE\n/)
  assert.match(stdout, /It read through a null pointer +ip-10-0-1-7 +registry\.example\/checkout:1\.4\.2\n$/)
})

it('list is of a time, a pod, labels, a number, and says when there are more', async () => {
  const folder = await crashes()
  const ids = async (...argv: string[]) => (await runOnStore(folder, ['list', '-o', 'name', ...argv])).stdout
  const [dev, shop] = [
    'coredump.coredog.io/20261121t052000z-aaaaaaaaaaaa\n',
    `coredump.coredog.io/20261121t042117z-${ENTRY.id}\n`,
  ]
  assert.equal(await ids('-A'), dev + shop)
  assert.equal(await ids('--since', '30m'), dev)
  assert.equal(await ids('pod/web-0'), dev)
  assert.equal(await ids('web-0'), dev)
  assert.equal(await ids('-l', 'coredog.io/pod!=web-0'), shop)
  assert.equal(await ids('--field-selector', 'spec.container=app,metadata.namespace!=dev'), shop)
  const { stdout, stderr } = await runOnStore(folder, ['list', '-o', 'name', '--limit', '1'])
  assert.equal(stdout, dev)
  assert.match(stderr, /There are more/)
})

it('list -o json and yaml are a List of Coredumps', async () => {
  const folder = await crashes()
  const json = JSON.parse((await runOnStore(folder, ['list', '-o', 'json'])).stdout)
  assert.deepEqual([json.apiVersion, json.kind, json.items.length], ['v1', 'List', 2])
  assert.equal(json.items[1].status.reason, 'It read through a null pointer')
  assert.deepEqual(parse((await runOnStore(folder, ['list', '-o', 'yaml'])).stdout), json)
})

it('list without a crash says so on stderr, and is no failure', async () => {
  const { folder } = await emptyStore()
  assert.deepEqual(await runOnStore(folder, ['list', '-n', 'shop']), {
    ...{ exitCode: 0, stdout: '', bytes: Buffer.alloc(0) },
    stderr: 'No crashes found in the namespace shop.\n',
  })
  assert.equal(JSON.parse((await runOnStore(folder, ['list', '-o', 'json'])).stdout).items.length, 0)
})

it('list prints nothing that a terminal obeys, in whichever form', async () => {
  const { folder, store } = await emptyStore()
  const evil = '\x1b[2J\u009b31m\u202egpj.exe\r\n'
  await addCrash(store, {
    report: {
      process: { executable: evil },
      crash: { reason: evil },
      node: { name: evil },
      container: { image: evil },
    },
  })
  for (const form of ['wide', 'json', 'yaml', 'name']) {
    const { stdout } = await runOnStore(folder, ['list', '-o', form])
    assert.doesNotMatch(stdout.replaceAll('\n', ''), /[\p{Cc}\p{Cf}]/u, form)
  }
  const { items } = JSON.parse((await runOnStore(folder, ['list', '-o', 'json'])).stdout)
  assert.equal(items[0].status.reason, evil)
})

for (const argv of [
  ['--since', 'soon'],
  ['--since', '0'],
  ['--limit', '0'],
  ['-o', 'xml'],
  ['-l', 'a in b'],
  ['a', 'b'],
])
  it(`list ${argv.join(' ')} is wrong usage`, async () => {
    const { exitCode, stdout } = await runOnStore(await crashes(), ['list', ...argv])
    assert.deepEqual([exitCode, stdout], [2, ''])
  })
