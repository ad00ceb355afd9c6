import assert from 'node:assert/strict'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { it, type TestContext } from 'node:test'
import { ourPattern } from '../../crash/our-pattern.ts'
import { apply } from '../../installer/node/apply.ts'
import type { Node } from '../../installer/node/node.ts'
import { restore } from '../../installer/node/restore.ts'
import { readSysctls } from '../../installer/node/sysctl.ts'
import { run } from '../../installer/run.ts'
import { temporaryFolder } from '../fakes/core-file.ts'
import { openLogLines } from './log-lines.ts'
import {
  BEFORE,
  bringing,
  collectsOrNot,
  fakeHandler,
  listing,
  scratchNode,
  writeSettings,
} from './node/scratch-node.ts'

/** Runs until the node is ready, and is then told to stop. */
async function runUntilReady(
  test: TestContext,
  shouldRestore: () => Promise<boolean>,
  beforeRestore?: (node: Node) => Promise<void>,
): Promise<Node> {
  const folder = temporaryFolder(test)
  const node = scratchNode(folder)
  const { wanted, bring } = await bringing(node, fakeHandler(folder, '1.0.0'))
  const stop = new AbortController()
  const running = {
    bringing: bring,
    directories: [],
    wanted: () => wanted,
    uninstallAfterSeconds: () => 60,
    now: () => new Date(),
    onForeignWrite: () => undefined,
    onHealth: () => stop.abort(),
    activities: [],
    shouldRestore,
    ...(beforeRestore !== undefined && { beforeRestore: () => beforeRestore(node) }),
  }
  await run(node, running, stop.signal)
  return node
}

it('run() leaves a node as it was when CoreDog leaves it', async t => {
  const node = await runUntilReady(t, async () => true)
  assert.deepEqual(await readSysctls(node.sysctlFolder), BEFORE)
  assert.equal(
    listing(node).some(file => file.includes('coredog')),
    false,
  )
})

it('run() does what is to be done last while the node is still ours, and only then', async t => {
  const found: string[] = []
  const look = async (node: Node) => void found.push(await collectsOrNot(node))
  await runUntilReady(t, async () => true, look)
  await runUntilReady(t, async () => false, look)
  assert.deepEqual(found, ['collects'])
})

it('run() leaves a node collecting when it is only updated', async t => {
  assert.equal(await collectsOrNot(await runUntilReady(t, async () => false)), 'collects')
})

it('run() leaves a node collecting when nobody can say whether it comes back', async t => {
  const node = await runUntilReady(t, async () => Promise.reject(new Error('no API server')))
  assert.equal(await collectsOrNot(node), 'collects')
})

it('restore() leaves crashes that no store has yet', async t => {
  const node = scratchNode(temporaryFolder(t))
  for (const folder of ['spool/a', 'outbox', 'dedupe']) {
    mkdirSync(node.host.path(`/var/lib/coredog/${folder}`), { recursive: true })
  }
  writeFileSync(node.host.path('/var/lib/coredog/spool/a/core'), 'core')
  // Of a writer that was killed.
  writeFileSync(node.host.path('/var/lib/coredog/outbox/0b1c2d3e4f50.json.a1b2c3d4e5f6.new'), '{')
  await restore(node, [])
  assert.deepEqual(
    listing(node).filter(file => file.includes('coredog/')),
    ['var/lib/coredog/spool', 'var/lib/coredog/spool/a', 'var/lib/coredog/spool/a/core'],
  )
})

it('restore() names what stays: crashes without a store, and messages that nobody took', async t => {
  const { log, lines } = openLogLines()
  const node = { ...scratchNode(temporaryFolder(t)), log }
  for (const folder of ['spool/a', 'outbox'])
    mkdirSync(node.host.path(`/var/lib/coredog/${folder}`), { recursive: true })
  writeFileSync(node.host.path('/var/lib/coredog/spool/a/core'), 'core')
  for (const id of ['0b1c2d3e4f50', '1b1c2d3e4f50'])
    writeFileSync(node.host.path(`/var/lib/coredog/outbox/${id}.json`), '{}')
  await restore(node, [])
  const named = lines
    .filter(({ msg }) => msg.endsWith('stay on the node'))
    .map(({ msg, folder, entries }) => [msg, folder, entries])
  assert.deepEqual(named, [
    ['crashes that were not stored stay on the node', '/var/lib/coredog/spool', 1],
    ['messages that were not told stay on the node', '/var/lib/coredog/outbox', 2],
  ])
})

it('restore() leaves no credentials in a folder that the configuration chose', async t => {
  const scratch = scratchNode(temporaryFolder(t))
  const node = { ...scratch, places: { ...scratch.places, runFolder: '/run/elsewhere' } }
  mkdirSync(node.host.path('/run/elsewhere'))
  for (const name of ['credentials.json', 'of-somebody-else'])
    writeFileSync(node.host.path(`/run/elsewhere/${name}`), '{}')
  await restore(node, [])
  assert.deepEqual(
    listing(node).filter(file => file.includes('elsewhere/')),
    ['run/elsewhere/of-somebody-else'],
  )
})

const KEYS = ['/etc/coredog/coredog-secrets.yaml', '/run/coredog/credentials.json']

function nodeWithKeys(test: TestContext): Node {
  const node = scratchNode(temporaryFolder(test))
  for (const folder of ['/etc/coredog', '/run/coredog'])
    mkdirSync(node.host.path(folder), { recursive: true })
  for (const file of [...KEYS, '/run/coredog/heartbeat.json']) writeFileSync(node.host.path(file), '{}')
  return node
}

it('restore() leaves no keys on a node that cannot be put back, and what its handler needs to leave by itself', async t => {
  const node = nodeWithKeys(t)
  const failing = async () => Promise.reject(new Error('EIO'))
  await assert.rejects(restore(node, [], failing), /EIO/)
  for (const file of KEYS) assert.equal(existsSync(node.host.path(file)), false, file)
  assert.equal(existsSync(node.host.path('/run/coredog/heartbeat.json')), true)
})

it('restore() puts the node back although a first attempt fails', async t => {
  const node = nodeWithKeys(t)
  writeSettings(node.sysctlFolder, {
    corePattern: ourPattern('/usr/local/bin/coredog-handler'),
    corePipeLimit: 64,
  })
  let left = 1
  await restore(node, [], async (...step) => {
    if (left-- > 0) throw new Error('it then reads "core"')
    await apply(...step)
  })
  assert.equal((await readSysctls(node.sysctlFolder)).corePattern, 'core')
  assert.equal(
    listing(node).some(file => file.includes('coredog')),
    false,
  )
})
