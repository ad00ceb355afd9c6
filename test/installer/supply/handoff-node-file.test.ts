import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { it } from 'node:test'
import { readHandoff } from '../../../handler/handoff/handoff.ts'
import { HandoffNodeFile } from '../../../installer/supply/handoff-node-file.ts'
import { temporaryFolder } from '../../fakes/core-file.ts'

it('HandoffNodeFile keeps what became known from several sides, and the handler reads it', async t => {
  const folder = temporaryFolder(t)
  const file = new HandoffNodeFile(path.join(folder, 'node.json'), { name: 'node-1' })
  await Promise.all([file.write({}), file.write({ cluster: 'eu-1' }), file.write({ hasApi: true })])
  assert.deepEqual(readHandoff(folder).node(), { name: 'node-1', cluster: 'eu-1', hasApi: true })
  await file.write({ hasApi: undefined })
  assert.deepEqual(readHandoff(folder).node(), { name: 'node-1', cluster: 'eu-1' })
  assert.match(readFileSync(path.join(folder, 'node.json'), 'utf8'), /"version":1/)
})
