import assert from 'node:assert/strict'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { it } from 'node:test'
import { readHandoff } from '../../../handler/handoff/handoff.ts'
import { HandoffNodeFile } from '../../../installer/supply/handoff-node-file.ts'
import { temporaryFolder } from '../../fakes/core-file.ts'

const filesIn = (folder: string) => ({
  handoff: path.join(folder, 'node.json'),
  kept: path.join(folder, 'state/node.json'),
})

it('HandoffNodeFile keeps what became known from several sides, and the handler reads it', async t => {
  const folder = temporaryFolder(t)
  const file = await HandoffNodeFile.open(filesIn(folder), { name: 'node-1' })
  await Promise.all([file.write({}), file.write({ cluster: 'eu-1' }), file.write({ hasApi: true })])
  assert.deepEqual(readHandoff(folder).node(), { name: 'node-1', cluster: 'eu-1', hasApi: true })
  await file.write({ hasApi: undefined })
  assert.deepEqual(readHandoff(folder).node(), { name: 'node-1', cluster: 'eu-1' })
  assert.match(readFileSync(path.join(folder, 'node.json'), 'utf8'), /"version":1/)
})

it('HandoffNodeFile.open() goes on with the cluster that an installer of before has found, of this node', async t => {
  const folder = temporaryFolder(t)
  const name = path.join(folder, 'node.json')
  const before = await HandoffNodeFile.open(filesIn(folder), { name: 'node-1' })
  await before.write({ cluster: 'eu-1', hasApi: true })
  const file = await HandoffNodeFile.open(filesIn(folder), { name: 'node-1' })
  await file.write({})
  assert.deepEqual(readHandoff(folder).node(), { name: 'node-1', cluster: 'eu-1' })
  await file.write({ cluster: undefined })
  assert.deepEqual(readHandoff(folder).node(), { name: 'node-1' })
  rmSync(filesIn(folder).kept)
  for (const text of [
    '{"version":1,"name":"node-2","cluster":"eu-1"}',
    '{"version":2,"name":"node-1","cluster":"eu-1"}',
    'x',
  ]) {
    writeFileSync(name, text)
    await (await HandoffNodeFile.open(filesIn(folder), { name: 'node-1' })).write({})
    assert.deepEqual(readHandoff(folder).node(), { name: 'node-1' })
  }
})

it('HandoffNodeFile.open() knows the cluster after a restart of the node, which empties the run folder', async t => {
  const folder = temporaryFolder(t)
  const { handoff, kept } = filesIn(folder)
  const before = await HandoffNodeFile.open({ handoff, kept }, { name: 'node-1' })
  await before.write({ cluster: 'eu-1', hasApi: true })
  rmSync(handoff)
  const file = await HandoffNodeFile.open({ handoff, kept }, { name: 'node-1' })
  assert.equal(file.cluster, 'eu-1')
  await file.write({})
  assert.deepEqual(readHandoff(folder).node(), { name: 'node-1', cluster: 'eu-1' })
  await file.write({ cluster: undefined })
  rmSync(handoff)
  assert.equal((await HandoffNodeFile.open({ handoff, kept }, { name: 'node-1' })).cluster, null)
})
