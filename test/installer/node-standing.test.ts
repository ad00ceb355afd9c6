import { it } from 'node:test'
import { ANY_STORE, parseConfig } from '../../config/parse-config.ts'
import { NodeStanding } from '../../installer/node-standing.ts'

it('configured() resolves when it was told to stop before', { timeout: 60_000 }, async t => {
  t.mock.timers.enable({ apis: ['setInterval'] }) // which would keep a test that fails from ending
  const { config } = parseConfig(ANY_STORE, { file: 'the defaults' })
  await new NodeStanding(config).configured(AbortSignal.abort())
})
