import assert from 'node:assert/strict'
import { it } from 'node:test'
import { constantOf, recordedDemo, runDemo } from '../../../build/pictures/demo-record.ts'

it('the demo in the picture says what the demo says', { timeout: 120_000 }, async t => {
  const said = await runDemo()
  if (said.includes('Without a C compiler')) return t.skip('no C compiler is installed')
  const hint = 'It is stale: run `npm run pictures`, and look at it'
  assert.equal(constantOf(said), constantOf(recordedDemo()), hint)
})
