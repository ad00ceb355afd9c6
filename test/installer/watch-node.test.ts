import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { it, type TestContext } from 'node:test'
import type { Node } from '../../installer/node.ts'
import { readSysctls } from '../../installer/sysctl.ts'
import { type ForeignWrite, type NodeHealth, type Watching, watchNode } from '../../installer/watch-node.ts'
import { temporaryFolder } from '../fakes/core-file.ts'
import { BEFORE, bringing, fakeHandler, scratchNode, writeSettings } from './scratch-node.ts'

const OTHER = { corePattern: '|/usr/lib/systemd/systemd-coredump %P', corePipeLimit: 16 }
const MINUTES_MS = 60_000

interface Watched {
  readonly node: Node
  readonly writes: readonly ForeignWrite[]
  readonly health: readonly NodeHealth[]
}

/** Has a round after each of `events`, which say how much later it is. */
async function watch(test: TestContext, events: (node: Node) => Iterable<number>): Promise<Watched> {
  const folder = temporaryFolder(test)
  const node = scratchNode(folder)
  const { wanted, bring } = await bringing(node, fakeHandler(folder, '1.0.0'))
  const [writes, health]: [ForeignWrite[], NodeHealth[]] = [[], []]
  let nowMs = Date.parse('2026-11-21T12:00:00Z')
  async function* rounds() {
    for (const laterMs of events(node)) {
      nowMs += laterMs
      yield
    }
  }
  const watching: Watching = {
    wanted: () => wanted,
    uninstallAfterSeconds: () => 86_400,
    rounds: rounds(),
    now: () => new Date(nowMs),
    onForeignWrite: write => writes.push(write),
    onHealth: one => health.push(one),
  }
  await watchNode(node, bring, watching)
  return { node, writes, health }
}

it('watchNode() writes again what somebody else wrote, three times, and then leaves it to them', async t => {
  const { node, writes, health } = await watch(t, function* ({ sysctlFolder }) {
    yield 0
    for (let round = 1; round <= 5; round += 1) {
      writeSettings(sysctlFolder, OTHER)
      yield 10_000
    }
  })
  assert.deepEqual(
    writes.map(({ writer, lost, givenUp }) => [writer, lost, givenUp]),
    [
      ['systemd-coredump', 1, false],
      ['systemd-coredump', 2, false],
      ['systemd-coredump', 3, true],
    ],
  )
  assert.deepEqual(
    health.map(({ ready }) => ready),
    [true, true, true, false, false, false],
  )
  assert.deepEqual(await readSysctls(node.sysctlFolder), OTHER)
})

it('watchNode() forgives after ten minutes of peace', async t => {
  const { writes } = await watch(t, function* ({ sysctlFolder }) {
    yield 0
    for (let round = 1; round <= 5; round += 1) {
      writeSettings(sysctlFolder, OTHER)
      yield 10_000
      yield 10 * MINUTES_MS
    }
  })
  assert.deepEqual(
    writes.map(({ lost }) => lost),
    [1, 1, 1, 1, 1],
  )
})

it('watchNode() takes what was there before it for no foreign writer', async t => {
  const { writes, node } = await watch(t, function* () {
    yield 0
    yield 10_000
  })
  assert.deepEqual(writes, [])
  const original = JSON.parse(readFileSync(node.host.path('/var/lib/coredog/original-sysctls.json'), 'utf8'))
  assert.deepEqual(original, BEFORE)
})

it('watchNode() says what is in the way, and goes on when it is gone', async t => {
  const { health } = await watch(t, function* ({ sysctlFolder }) {
    rmSync(sysctlFolder, { recursive: true })
    yield 0
    mkdirSync(sysctlFolder)
    writeSettings(sysctlFolder, BEFORE)
    yield 10_000
  })
  const [broken, mended] = health
  assert.match(broken?.ready === false ? broken.reason : '', /there is no such setting/)
  assert.equal(mended?.ready, true)
})

it('watchNode() leaves a heartbeat at every round', async t => {
  const { node } = await watch(t, function* () {
    yield 0
    yield 10_000
  })
  const heartbeat = JSON.parse(readFileSync(node.host.path('/run/coredog/heartbeat.json'), 'utf8'))
  assert.deepEqual(heartbeat, { time: '2026-11-21T12:00:10.000Z', uninstallAfterSeconds: 86_400 })
})
