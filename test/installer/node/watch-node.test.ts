import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { it, type TestContext } from 'node:test'
import { type CaptureMode, FILE_PATTERN } from '../../../installer/node/capture-mode.ts'
import type { Node } from '../../../installer/node/node.ts'
import { readSysctls } from '../../../installer/node/sysctl.ts'
import {
  type ForeignWrite,
  type NodeHealth,
  type Watching,
  watchNode,
} from '../../../installer/node/watch-node.ts'
import { temporaryFolder } from '../../fakes/core-file.ts'
import { BEFORE, bringing, fakeHandler, scratchNode, writeSettings } from './scratch-node.ts'

const OTHER = { corePattern: '|/usr/lib/systemd/systemd-coredump %P', corePipeLimit: 16 }
const MINUTES_MS = 60_000

interface Watched {
  readonly node: Node
  readonly writes: readonly ForeignWrite[]
  readonly health: readonly NodeHealth[]
}

/** Has a round after each of `events`, which say how much later it is. */
async function watch(
  test: TestContext,
  events: (node: Node) => Iterable<number>,
  captureModeAt: (round: number) => CaptureMode = () => 'pipe',
): Promise<Watched> {
  const folder = temporaryFolder(test)
  const node = scratchNode(folder)
  const { wanted, bring } = await bringing(node, fakeHandler(folder, '1.0.0'))
  let round = 0
  const [writes, health]: [ForeignWrite[], NodeHealth[]] = [[], []]
  let nowMs = Date.parse('2026-11-21T12:00:00Z')
  async function* rounds() {
    for (const laterMs of events(node)) {
      nowMs += laterMs
      yield
    }
  }
  const watching: Watching = {
    wanted: () => ({ ...wanted, way: captureModeAt(round++) }),
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

it('watchNode() without a pipe leaves it to somebody else after three times, and minds no core_pipe_limit', async t => {
  const { node, writes, health } = await watch(
    t,
    function* ({ sysctlFolder }) {
      yield 0
      writeSettings(sysctlFolder, { corePattern: FILE_PATTERN, corePipeLimit: 0 })
      yield 10_000
      for (let round = 1; round <= 4; round += 1) {
        writeSettings(sysctlFolder, OTHER)
        yield 10_000
      }
    },
    () => 'file',
  )
  assert.deepEqual(
    writes.map(({ writer, lost }) => [writer, lost]),
    [1, 2, 3].map(lost => ['systemd-coredump', lost]),
  )
  assert.deepEqual(
    health.map(({ ready }) => ready),
    [true, true, true, true, false, false],
  )
  assert.deepEqual(await readSysctls(node.sysctlFolder), OTHER)
})

it('watchNode() goes from pipe to files to pipe, takes itself for no foreign writer, and keeps the original', async t => {
  const ways: readonly CaptureMode[] = ['pipe', 'file', 'file', 'pipe', 'pipe']
  const seen: string[] = []
  const { node, writes, health } = await watch(
    t,
    function* ({ sysctlFolder }) {
      for (const _ of ways) {
        yield 10_000
        seen.push(readFileSync(`${sysctlFolder}/core_pattern`, 'utf8').slice(0, 2))
      }
    },
    round => ways[round] ?? 'pipe',
  )
  assert.deepEqual(seen, ['|/', '/c', '/c', '|/', '|/'])
  assert.deepEqual(writes, [])
  assert.ok(health.every(({ ready }) => ready))
  const original = JSON.parse(readFileSync(node.host.path('/var/lib/coredog/original-sysctls.json'), 'utf8'))
  assert.deepEqual(original, { version: 1, ...BEFORE })
})

it('watchNode() takes what sets the pattern of the original CoreDog again and again for a foreign writer of a pipe', async t => {
  const { writes, health } = await watch(t, function* ({ sysctlFolder }) {
    for (let round = 1; round <= 6; round += 1) {
      yield 10_000
      yield 10 * MINUTES_MS - 1
      writeSettings(sysctlFolder, { corePattern: FILE_PATTERN, corePipeLimit: 0 })
    }
  })
  assert.equal(writes.length, 3)
  assert.equal(health.at(-1)?.ready, false)
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
  assert.deepEqual(original, { version: 1, ...BEFORE })
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
  assert.deepEqual(heartbeat, { version: 1, time: '2026-11-21T12:00:10.000Z', uninstallAfterSeconds: 86_400 })
})
