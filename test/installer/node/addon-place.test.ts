import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { it, type TestContext } from 'node:test'
import { ADDON_NAME } from '../../../crash/our-pattern.ts'
import { broughtBy } from '../../../installer/node/handler-binary.ts'
import { removeHandler } from '../../../installer/node/handler-place.ts'
import type { Node } from '../../../installer/node/node.ts'
import { reconcile } from '../../../installer/node/reconcile.ts'
import { temporaryFolder } from '../../fakes/core-file.ts'
import { bringing, fakeHandler, listing, scratchNode } from './scratch-node.ts'

interface Bench {
  readonly node: Node
  readonly handler: string
  /** Where the addon is to be on the node. */
  readonly placed: string
  readonly install: () => Promise<void>
}

function bench(test: TestContext, addon: string | null): Bench {
  const folder = temporaryFolder(test)
  const node = scratchNode(folder)
  const handler = fakeHandler(folder, '1.0.0')
  if (addon !== null) writeFileSync(path.join(folder, ADDON_NAME), addon)
  const install = async () => {
    const { wanted, bring } = await bringing(node, handler)
    await reconcile(node, wanted, bring)
  }
  return { node, handler, placed: node.host.path(`/usr/local/bin/${ADDON_NAME}`), install }
}

it('reconcile() places the addon beside the handler', async t => {
  const { placed, install, node } = bench(t, 'the addon')
  await install()
  assert.equal(readFileSync(placed, 'utf8'), 'the addon')
  const after = listing(node)
  await install()
  assert.deepEqual(listing(node), after)
})

for (const [what, spoil] of Object.entries({
  'is gone': (file: string) => rmSync(file),
  'was changed': (file: string) => writeFileSync(file, 'the addom'),
  'is of an older version': (file: string) => writeFileSync(file, 'an older and longer one'),
})) {
  it(`reconcile() places the addon again that ${what}, and not the handler`, async t => {
    const { placed, install, node } = bench(t, 'the addon')
    await install()
    spoil(placed)
    const handler = node.host.path('/usr/local/bin/coredog-handler')
    const { ino } = statSync(handler)
    await install()
    assert.equal(readFileSync(placed, 'utf8'), 'the addon')
    assert.equal(statSync(handler).ino, ino)
  })
}

it('reconcile() sets a node up that cannot have the addon', async t => {
  const { placed, install, node } = bench(t, 'the addon')
  mkdirSync(path.join(placed, 'in the way'), { recursive: true })
  await install()
  assert.match(readFileSync(path.join(node.sysctlFolder, 'core_pattern'), 'utf8'), /coredog-handler/)
  assert.deepEqual(
    listing(node).filter(name => path.basename(name).startsWith('.coredog-handler.')),
    [],
  )
})

it('an installer that brings no addon leaves the node without one', async t => {
  const { install, node, handler } = bench(t, null)
  assert.deepEqual(Object.keys(await broughtBy(handler)), ['sha256'])
  await install()
  assert.deepEqual(
    listing(node).filter(name => name.endsWith('.node')),
    [],
  )
})

it('removeHandler() takes the addon away, too, also where the handler is gone already', async t => {
  const { install, node } = bench(t, 'the addon')
  const before = listing(node)
  await install()
  rmSync(node.host.path('/usr/local/bin/coredog-handler'))
  await removeHandler(node, '/usr/local/bin')
  assert.deepEqual(
    listing(node).filter(name => name.startsWith('usr')),
    before.filter(name => name.startsWith('usr')),
  )
})
