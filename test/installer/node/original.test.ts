import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { it } from 'node:test'
import { readOriginal, saveOriginal } from '../../../installer/node/original.ts'
import { temporaryFolder } from '../../fakes/core-file.ts'
import { BEFORE, listing, scratchNode } from './scratch-node.ts'

const LATER = { corePattern: 'core', corePipeLimit: 9 }

it('saveOriginal() keeps what was there first, whatever comes later', async t => {
  const node = scratchNode(temporaryFolder(t))
  assert.deepEqual(await readOriginal(node), { is: 'missing' })
  await saveOriginal(node, BEFORE)
  await saveOriginal(node, LATER)
  assert.deepEqual(await readOriginal(node), { is: 'kept', sysctls: BEFORE })
})

it('saveOriginal() keeps the one of two that was first, and nothing half-written', async t => {
  const node = scratchNode(temporaryFolder(t))
  await Promise.allSettled([saveOriginal(node, BEFORE), saveOriginal(node, LATER)])
  assert.equal((await readOriginal(node)).is, 'kept')
  assert.deepEqual(
    listing(node).filter(file => file.includes('.new')),
    [],
  )
})

it('saveOriginal() replaces what is corrupt', async t => {
  const node = scratchNode(temporaryFolder(t))
  await saveOriginal(node, LATER)
  writeFileSync(node.host.path('/var/lib/coredog/original-sysctls.json'), '{"corePattern": "|/us')
  assert.deepEqual(await readOriginal(node), { is: 'corrupt' })
  await saveOriginal(node, BEFORE)
  assert.deepEqual(await readOriginal(node), { is: 'kept', sysctls: BEFORE })
})
