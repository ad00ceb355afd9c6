import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { it, type TestContext } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import type { Node } from '../../installer/node/node.ts'
import { reconcile } from '../../installer/node/reconcile.ts'
import { restore } from '../../installer/node/restore.ts'
import { readSysctls } from '../../installer/node/sysctl.ts'
import { temporaryFolder } from '../fakes/core-file.ts'
import { BEFORE, bringing, collectsOrNot, fakeHandler, listing, scratchNode } from './node/scratch-node.ts'

const DOOMED = path.join(import.meta.dirname, 'doomed.ts')

interface Scene {
  readonly folder: string
  readonly node: Node
  readonly untouched: readonly string[]
  readonly older: string
  readonly newer: string
}

function sceneOf(test: TestContext): Scene {
  const folder = temporaryFolder(test)
  const node = scratchNode(folder)
  return {
    folder,
    node,
    untouched: listing(node),
    older: fakeHandler(folder, '1.0.0'),
    newer: fakeHandler(folder, '2.0.0'),
  }
}

/** Whether it was killed, and did not come to its end. */
async function die(folder: string, at: number, journeys: readonly string[], afterMs = 0): Promise<boolean> {
  const child = spawn(process.execPath, [DOOMED, folder, String(at), ...journeys], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exit = once(child, 'exit')
  if (at < 0) {
    await once(child.stdout, 'data')
    await setTimeout(afterMs)
    child.kill('SIGKILL')
  }
  const [code, signal] = await exit
  assert.ok(signal === 'SIGKILL' || code === 0, `the installer failed with ${code}`)
  return signal === 'SIGKILL'
}

async function install({ node, newer }: Scene): Promise<void> {
  const { wanted, bring } = await bringing(node, newer)
  await reconcile(node, wanted, bring)
}

/** Both good ends can be reached from where the kill left the node. */
async function assertBothEnds(scene: Scene): Promise<void> {
  const { node, untouched } = scene
  await install(scene)
  assert.equal(await collectsOrNot(node), 'collects')
  await restore(node, [])
  assert.deepEqual(await readSysctls(node.sysctlFolder), BEFORE)
  assert.deepEqual(listing(node), untouched)
}

const older = ({ older }: Scene) => older
const newer = ({ newer }: Scene) => newer
const [file, restored] = [() => 'file', () => 'restore']

const GOOD_STATES = ['collects', 'not ours', 'writes files']
const GOOD = new RegExp(`^(?:${GOOD_STATES.join('|')})$`)

const journeys = [
  { name: 'install', before: null, take: newer },
  { name: 'upgrade', before: older, take: newer },
  { name: 'restore', before: older, take: restored },
  { name: 'install without a pipe', before: null, take: file },
  { name: 'a change from pipe to files', before: older, take: file },
  { name: 'a change from files to pipe', before: file, take: newer },
  { name: 'restore without a pipe', before: file, take: restored },
]
for (const { name, before, take } of journeys) {
  it(`the installer, killed at any step of ${name}, leaves no pattern without a program that runs`, {
    timeout: 600_000,
  }, async t => {
    let killed = true
    for (let step = 0; killed; step += 1) {
      const scene = sceneOf(t)
      const { folder, node } = scene
      if (before !== null) await die(folder, Number.MAX_SAFE_INTEGER, [before(scene)])
      killed = await die(folder, step, [take(scene)])
      assert.match(await collectsOrNot(node), GOOD, `killed before step ${step}`)
      await assertBothEnds(scene)
    }
  })
}

it('the installer, killed at 50 moments or more, leaves no pattern without a program that runs', {
  timeout: 600_000,
}, async t => {
  const scene = sceneOf(t)
  const { folder, node, older, newer } = scene
  const moment = randomBelow(400, 20261121)
  const seen = new Set<string>()
  for (let kill = 0; kill < 50 || seen.size < GOOD_STATES.length; kill += 1) {
    const afterMs = moment()
    await die(folder, -1, [older, 'file', newer, 'restore'], afterMs)
    const state = await collectsOrNot(node)
    assert.match(state, GOOD, `killed after ${afterMs} ms`)
    seen.add(state)
    if (kill % 10 === 9) await assertBothEnds(scene)
  }
  assert.deepEqual([...seen].sort(), GOOD_STATES)
})

/** The same numbers every time (mulberry32). */
function randomBelow(limit: number, seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    const mixed = Math.imul(state ^ (state >>> 15), state | 1)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit
  }
}
