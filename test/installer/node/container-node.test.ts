import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { it, type TestContext } from 'node:test'
import type { Host } from '../../../handoff/host.ts'
import { MACHINES_PIDS, readContainerNode, showHandler } from '../../../installer/node/container-node.ts'
import { assertIsMachine } from '../../../installer/node/machine.ts'
import { MachineWarning } from '../../../installer/node/machine-warning.ts'
import type { Node } from '../../../installer/node/node.ts'
import { reconcile } from '../../../installer/node/reconcile.ts'
import { readSysctls } from '../../../installer/node/sysctl.ts'
import { type NodeHealth, watchNode } from '../../../installer/node/watch-node.ts'
import { temporaryFolder } from '../../fakes/core-file.ts'
import { BEFORE, bringing, fakeHandler, scratchNode, writeSettings } from './scratch-node.ts'

const HANDLER = '/usr/local/bin/coredog-handler'
const MACHINES = { corePattern: `|/opt/bin/coredog-handler --container-nodes %P`, corePipeLimit: 256 }

function beAmong(host: Host, pids: string): void {
  mkdirSync(host.path('/proc/1/ns'), { recursive: true })
  symlinkSync(pids, host.path('/proc/1/ns/pid'))
}

function containerNode(test: TestContext): { folder: string; node: Node } {
  const folder = temporaryFolder(test)
  const node = scratchNode(folder)
  beAmong(node.host, 'pid:[4026532201]')
  return { folder, node }
}

it('readContainerNode() tells a machine from a container, and takes what it cannot see for a machine', async t => {
  const unseen = scratchNode(temporaryFolder(t))
  assert.equal(await readContainerNode(unseen.host), null)
  beAmong(unseen.host, MACHINES_PIDS)
  assert.equal(await readContainerNode(unseen.host), null)
  const { node } = containerNode(t)
  assert.deepEqual(await readContainerNode(node.host), { shownHandler: null })
  await showHandler(node.host, HANDLER)
  assert.deepEqual(await readContainerNode(node.host), { shownHandler: HANDLER })
  for (const text of ['', '{"handler":7}', '{"version":2,"handler":"/x"}']) {
    writeFileSync(node.host.path('/run/coredog/container-node.json'), text)
    assert.deepEqual(await readContainerNode(node.host), { shownHandler: null }, text)
  }
})

it('assertIsMachine() refuses a container, and says what to run where', async t => {
  await assertIsMachine(scratchNode(temporaryFolder(t)))
  await assert.rejects(assertIsMachine(containerNode(t).node), /this is a container itself/)
})

it('reconcile() places a handler in a container, and leaves all of the kernel as it was', async t => {
  const { folder, node } = containerNode(t)
  const { wanted, bring } = await bringing(node, fakeHandler(folder, '1.0.0'))
  const { leftAlone } = await reconcile(node, wanted, bring)
  assert.match(leftAlone?.reason ?? '', /this node is a container/)
  assert.deepEqual(await readSysctls(node.sysctlFolder), BEFORE)
  assert.match(readFileSync(node.host.path(HANDLER), 'utf8'), /1\.0\.0/)
  writeSettings(node.sysctlFolder, MACHINES)
  assert.equal((await reconcile(node, wanted, bring)).leftAlone, null)
  assert.deepEqual(await readSysctls(node.sysctlFolder), MACHINES)
})

it('watchNode() of a container fights nobody for the pattern, and tells once that the machine lacks a handler', async t => {
  const { folder, node } = containerNode(t)
  const { wanted, bring } = await bringing(node, fakeHandler(folder, '1.0.0'))
  const settings = [BEFORE, BEFORE, MACHINES, BEFORE, MACHINES, BEFORE, MACHINES, BEFORE, MACHINES]
  async function* rounds() {
    for (const set of settings) {
      writeSettings(node.sysctlFolder, set)
      yield
    }
  }
  const [health, notes]: [NodeHealth[], string[]] = [[], []]
  const warning = new MachineWarning(note => notes.push(note))
  await watchNode(node, bring, {
    wanted: () => wanted,
    uninstallAfterSeconds: () => 86_400,
    rounds: rounds(),
    now: () => new Date(),
    onForeignWrite: write => assert.fail(JSON.stringify(write)),
    onHealth: one => {
      health.push(one)
      warning.look(one)
    },
  })
  assert.deepEqual(
    health.map(({ ready }) => ready),
    settings.map(set => set === MACHINES),
  )
  assert.equal(notes.length, 4)
  assert.match(notes[0] ?? '', /--container-nodes`\. IMAGE/)
})
