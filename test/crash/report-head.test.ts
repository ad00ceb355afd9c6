import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { parseReport } from '../../crash/parse-report.ts'
import { parseReportHead } from '../../crash/report-head.ts'
import { inputs } from '../inputs.ts'

const LEAST = { schema: 'coredog.io/report/v1', id: '3f2a9c01d4e5' }
const HEAD = {
  ...LEAST,
  node: { name: 'node-1' },
  pod: { name: 'checkout', workload: { kind: 'Deployment', name: 'checkout' } },
  container: { image: 'shop:1' },
  process: { executable: '/app/checkout' },
  crash: { reason: 'a null pointer was read', reasonCode: 'NullPointer', group: 'v2:00ff12ab' },
  core: { key: 'a/core.gz', complete: true, sizeBytes: 7 },
  seen: { count: 3 },
}

it('a report is read without its stacks and programs', () => {
  const frames = [{ function: 'main', trust: 'cfi' }]
  const report = {
    ...HEAD,
    crash: { ...HEAD.crash, frames, signature: '0123456789abcdef' },
    threads: [{ tid: 7, frames }],
    binaries: [{ path: '/app/checkout' }],
  }
  assert.deepEqual(parseReportHead(JSON.stringify(report)), HEAD)
})

it('it is what the whole report says, and nothing that the whole one would not', () => {
  const strange = { ...HEAD, node: { name: 7, more: 1 }, crash: { reason: ['x'] }, seen: { count: -1 } }
  for (const fields of [HEAD, strange, { ...HEAD, id: '../x' }, { ...HEAD, schema: 'other' }]) {
    const text = JSON.stringify(fields)
    assert.deepEqual(parseReportHead(text), parseReport(text))
  }
})

it('anything is read without throwing', () => {
  const json = fc.oneof(fc.json(), fc.string())
  fc.assert(
    fc.property(json, text => {
      parseReportHead(text)
    }),
    inputs(200),
  )
})
