import assert from 'node:assert/strict'
import { it } from 'node:test'
import { Registry } from 'prom-client'
import { LateHistogram } from '../../../installer/telemetry/late-histogram.ts'

const countIn = async (registry: Registry) => /^held_count (\d+)$/m.exec(await registry.metrics())?.[1]

it('LateHistogram is there once something was observed, empty at first', async () => {
  const registry = new Registry()
  const held = new LateHistogram({ name: 'held', help: 'held', buckets: [1], registers: [registry] })
  held.shown()
  assert.equal(await countIn(registry), undefined)
  held.observe(1)
  held.observe(2)
  assert.equal(await countIn(registry), '0')
  held.shown()
  assert.equal(await countIn(registry), '2')
  held.observe(3)
  held.shown()
  assert.equal(await countIn(registry), '3')
})
