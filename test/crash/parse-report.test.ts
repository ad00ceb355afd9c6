import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { parseReport } from '../../crash/parse-report.ts'
import { inputs } from '../inputs.ts'

const LEAST = { schema: 'coredog.io/report/v1', id: '3f2a9c01d4e5' }

it('a report is read as it was written', () => {
  const report = {
    ...LEAST,
    time: '2026-11-21T04:21:17.123Z',
    pod: {
      namespace: 'shop',
      labels: { app: 'checkout' },
      workload: { kind: 'Deployment', name: 'checkout' },
    },
    signal: { number: 11, name: 'SIGSEGV', faultAddress: '0x0' },
    crash: { firstCause: { signal: { number: 8 }, frames: [{ function: 'main', trust: 'cfi' }] } },
    threads: [{ tid: 7, frames: [{ function: 'main', line: 12 }] }],
    core: { key: 'a/core.gz', complete: true, kept: { key: 'b/core.gz', url: 's3://b/core.gz' } },
    timing: { heldSeconds: 0.25 },
  }
  assert.deepEqual(parseReport(JSON.stringify(report)), report)
})

it('what no report of ours says is left out', () => {
  const strange = {
    ...LEAST,
    more: 1,
    time: 7,
    pod: 'shop',
    signal: { number: '11', name: ['SIGSEGV'], faultAddress: 'rm -rf /' },
    core: { sizeBytes: -1, storedBytes: 1e300, compression: 'lzma', complete: 'yes', kept: { key: 'b' } },
    threads: [null, 'x', { tid: 1.5, name: 'ok' }],
    timing: { heldSeconds: null },
  }
  const left = { ...LEAST, signal: {}, core: {}, threads: [{ name: 'ok' }], timing: {} }
  assert.deepEqual(parseReport(JSON.stringify(strange)), left)
})

it('what has no schema or id of ours is none', () => {
  for (const text of [
    '',
    'null',
    '[]',
    '{}',
    '"x"',
    '{"schema":"coredog.io/report/v1","id":"../../x"}',
    '{"id":"3f2a9c01d4e5"}',
  ])
    assert.equal(parseReport(text), null, text)
})

it('anything is read without throwing, and a prototype is not reached', () => {
  const json = fc.oneof(
    fc.json(),
    fc.string(),
    fc.object().map(value => JSON.stringify({ ...LEAST, ...value })),
  )
  fc.assert(
    fc.property(json, text => {
      parseReport(text)
    }),
    inputs(300),
  )
  const report = parseReport(
    `{"schema":"${LEAST.schema}","id":"${LEAST.id}","__proto__":{"time":"x"},"pod":{"labels":{"__proto__":"x"}}}`,
  )
  assert.deepEqual(Object.keys(report ?? {}), ['schema', 'id', 'pod'])
  assert.equal(report?.time, undefined)
})
