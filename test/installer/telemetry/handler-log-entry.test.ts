import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { crashIn, parseHandlerLogLine } from '../../../installer/telemetry/handler-log-entry.ts'
import { inputs } from '../../inputs.ts'

const time = '2026-11-21T04:21:17.000Z'
const report = {
  schema: 'coredog.io/report/v1',
  id: 'a1',
  pod: { namespace: 'shop', name: 'cart-0' },
  container: { name: 'app' },
  process: { comm: 'cart' },
  signal: { number: 11 },
  core: { complete: true, sizeBytes: 7 },
} as const
const whose = { time, namespace: 'shop', pod: 'cart-0', container: 'app', comm: 'cart', signal: 11 }

it('crashIn reads whose core was stored from its report', () => {
  assert.deepEqual(crashIn({ msg: 'crash stored', time, report }), { ...whose, outcome: 'stored', report })
})

it('crashIn tells a core that is not whole', () => {
  const cut = { ...report, core: { complete: false, incompleteReason: 'it was cut off' } }
  const crash = crashIn({ msg: 'crash stored', time, report: cut })
  assert.equal(crash?.outcome, 'incomplete')
  assert.equal(crash?.reason, 'it was cut off')
})

it('crashIn reads why a crash was skipped', () => {
  const { pod, namespace, container, comm, signal } = whose
  const entry = { msg: 'crash skipped', time, pod, namespace, container, comm, signal, reason: 'not wanted' }
  assert.deepEqual(crashIn(entry), { ...whose, outcome: 'skipped', reason: 'not wanted' })
})

it('crashIn tells a forwarded crash from one of which only a report was kept', () => {
  assert.deepEqual(crashIn({ msg: 'crash forwarded', comm: 'sshd' }), { outcome: 'forwarded', comm: 'sshd' })
  const core = { complete: false, incompleteReason: 'not kept' }
  const { report: _, ...suppressed } = crashIn({ msg: 'crash suppressed', report: { core } }) ?? assert.fail()
  assert.deepEqual(suppressed, { outcome: 'suppressed', reason: 'not kept' })
})

it('crashIn reads the reason and the hint of a lost crash', () => {
  const err = { type: 'OperatorError', message: 'Cannot put "x": no', hint: 'Do this.' }
  assert.deepEqual(crashIn({ msg: 'crash lost', err, argv: ['1'] }), {
    outcome: 'lost',
    reason: 'Cannot put "x": no',
    hint: 'Do this.',
  })
})

it('crashIn leaves other lines alone', () => assert.equal(crashIn({ msg: 'notice failed' }), null))

it('parseHandlerLogLine takes objects with a message only', () => {
  for (const line of ['', 'x', '[]', 'null', '{"msg":1}', '{"level":30', '"msg"'])
    assert.equal(parseHandlerLogLine(line), null, line)
  assert.equal(parseHandlerLogLine('{"level":30,"ms{"level":30,"msg":"one"}')?.msg, 'one')
})

it('crashIn takes whatever stands in the fields', () => {
  const message = fc.constantFrom('crash stored', 'crash lost', 'crash skipped', 'crash forwarded')
  fc.assert(
    fc.property(
      message,
      fc.object(),
      fc.object(),
      (msg, fields, inner) => void crashIn({ ...fields, report: { ...inner, pod: fields }, err: inner, msg }),
    ),
    inputs(),
  )
  assert.deepEqual(
    crashIn({ msg: 'crash stored', report: { pod: 'shop', core: null, signal: { number: '11' } } })?.outcome,
    'stored',
  )
})
