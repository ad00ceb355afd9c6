import assert from 'node:assert/strict'
import { it } from 'node:test'
import { ANY_STORE, parseConfig } from '../../config/parse-config.ts'
import { NodeStanding } from '../../installer/node-standing.ts'

it('configured() resolves when it was told to stop before', { timeout: 60_000 }, async t => {
  t.mock.timers.enable({ apis: ['setInterval'] }) // which would keep a test that fails from ending
  const { config } = parseConfig(ANY_STORE, { file: 'the defaults' })
  await new NodeStanding(config).configured(AbortSignal.abort())
})

it('named() resolves with the answer, and at once where the configuration says it', {
  timeout: 60_000,
}, async () => {
  const { config } = parseConfig(ANY_STORE, { file: 'the defaults' })
  const standing = new NodeStanding(config)
  const waiting = standing.named(3600)
  assert.equal(standing.clusterName, null)
  standing.setClusterId('0a1b2c3d')
  await waiting
  assert.equal(standing.clusterName, '0a1b2c3d')
  await new NodeStanding({ ...config, cluster: 'eu-1' }).named(3600)
  const unsaid = new NodeStanding(config)
  unsaid.setClusterId(null)
  await unsaid.named(3600)
})

it('named() does not wait for an API server that does not answer', { timeout: 60_000 }, async () => {
  const { config } = parseConfig(ANY_STORE, { file: 'the defaults' })
  await new NodeStanding(config).named(0)
})
