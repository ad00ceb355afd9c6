import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { after, before, it } from 'node:test'
import { batchOf, outageOf } from './many.ts'
import { bundlePrograms, type Programs, programsFolder } from './programs.ts'
import { Random } from './random.ts'
import { openStores } from './store-behind.ts'
import { runTrial } from './trial.ts'

let programs: Programs
const folder = programsFolder()

before(async () => {
  programs = await bundlePrograms(folder)
})
after(() => rmSync(folder, { recursive: true, force: true }))

// 200 of them, and more faults: npm run chaos.
for (const plan of [batchOf(20, 'test'), outageOf(20, 'test')]) {
  it(`20 crashes of the ${plan.name} end in 20 whole cores with their reports`, {
    timeout: 900_000,
  }, async () => {
    await using stores = await openStores('fake')
    const { outcomes } = await runTrial(plan, new Random('test'), { programs, stores })
    assert.deepEqual(
      outcomes,
      plan.crashes.map(() => 'complete'),
    )
  })
}
