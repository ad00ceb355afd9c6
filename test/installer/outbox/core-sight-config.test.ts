import assert from 'node:assert/strict'
import { it } from 'node:test'
import { withEnvironment } from '../../../installer/outbox/core-sight-config.ts'

const FILE = { enabled: true, url: 'http://file', token: 'of-the-file' }

for (const [name, value] of [
  ['CORESIGHT_API_URL', { url: 'x' }],
  ['CORESIGHT_NATS_URL', { url: 'x' }],
  ['CORESIGHT_TOKEN', { token: 'x' }],
  ['CORESIGHT_AGENT_TOKEN', { token: 'x' }],
] as const) {
  it(`withEnvironment() lets ${name} win over the file`, () => {
    assert.deepEqual(withEnvironment(FILE, { [name]: 'x' }), { ...FILE, ...value })
  })
}

it('withEnvironment() takes an empty variable for none, as a chart writes it', () => {
  assert.deepEqual(withEnvironment(FILE, { CORESIGHT_API_URL: '', CORESIGHT_TOKEN: ' \n' }), FILE)
})

it('withEnvironment() does not enable what the file does not', () => {
  const off = { enabled: false, url: null, token: null }
  assert.equal(withEnvironment(off, { CORESIGHT_API_URL: 'http://x' }).enabled, false)
})
