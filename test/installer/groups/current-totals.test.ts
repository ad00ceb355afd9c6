import assert from 'node:assert/strict'
import { mkdirSync, rmdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import { it, type TestContext } from 'node:test'
import { CurrentTotals } from '../../../installer/groups/current-totals.ts'
import { GroupTotals } from '../../../installer/groups/group-totals.ts'
import { temporaryFolder } from '../../fakes/core-file.ts'

const NOW = new Date('2026-11-21T04:30:00Z')
const GROUP = `_groups/prod/shop/Deployment.web/${'0'.repeat(32)}`
const NOTE = { group: GROUP, id: '3f2a9c01d4e5', time: NOW, pod: 'web-0', image: 'web:1' }

function totalsIn(t: TestContext) {
  const file = path.join(temporaryFolder(t), 'totals.json')
  const current = new CurrentTotals(file)
  const crashes = () => current.use(async totals => totals.get(GROUP)?.crashes ?? 0)
  return { file, current, crashes, which: () => current.use(async totals => totals) }
}

it('CurrentTotals reads what nobody has written since once', async t => {
  const { current, which, crashes } = totalsIn(t)
  assert.equal(await which(), await which())
  await current.use(totals => totals.count([NOTE], 1, NOW))
  assert.equal(await crashes(), 1)
  assert.equal(await which(), await which())
})

it('CurrentTotals reads again what another one has written, or removed', async t => {
  const { file, crashes } = totalsIn(t)
  assert.equal(await crashes(), 0)
  await (await GroupTotals.read(file)).count([NOTE, { ...NOTE, id: 'ffffffffffff' }], 1, NOW)
  assert.equal(await crashes(), 2)
  rmSync(file)
  assert.equal(await crashes(), 0)
})

it('CurrentTotals believes the file, and not what a failure has left in memory', async t => {
  const { file, current } = totalsIn(t)
  const failing = current.use(async totals => {
    mkdirSync(file)
    await totals.count([NOTE], 1, NOW)
  })
  await assert.rejects(failing, { code: 'EISDIR' })
  rmdirSync(file)
  assert.equal(await current.use(async totals => totals.counted), 0)
})
