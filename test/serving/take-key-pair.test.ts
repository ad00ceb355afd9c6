import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { it } from 'node:test'
import * as api from '../../api/metrics.ts'
import { issueServing, makeAuthority } from '../../serving/certificate/issue.ts'
import { takeKeyPair } from '../../serving/take-key-pair.ts'
import * as webhook from '../../webhook/metrics.ts'
import { openLogLines } from '../installer/log-lines.ts'

for (const [name, metrics] of Object.entries({
  api: api.createMetrics(),
  webhook: webhook.createMetrics(),
})) {
  it(`takeKeyPair() shows from when until when the certificate of the ${name} holds`, async () => {
    const pair = await issueServing(await makeAuthority(new Date()), ['a.b.svc'], new Date())
    const { log } = openLogLines()
    const state = { hasKeyPair: false }
    takeKeyPair(pair, { state, metrics, log }, { useKeyPair: () => undefined })
    const { validFromDate, validToDate } = new X509Certificate(pair.certificate)
    const text = await metrics.text()
    const shown = ['start', 'expiry'].map(what =>
      Number(new RegExp(`^coredog_${name}_certificate_${what}_seconds (\\d+)$`, 'm').exec(text)?.[1]),
    )
    assert.deepEqual(
      shown,
      [validFromDate, validToDate].map(date => date.getTime() / 1000),
    )
  })
}
