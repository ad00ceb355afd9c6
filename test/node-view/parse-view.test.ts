import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { findingsList } from '../../cli/doctor/findings-list.ts'
import { podFacts } from '../../cli/doctor/pod-facts.ts'
import { podFindings } from '../../cli/doctor/pod-findings.ts'
import { rowOf } from '../../cli/status/node-row.ts'
import { statusTable } from '../../cli/status/status-table.ts'
import { styleOf } from '../../cli/terminal/style.ts'
import { podViewIn } from '../../node-view/parse-pod-view.ts'
import { nodeViewIn } from '../../node-view/parse-view.ts'
import { nodeView } from '../cli/nodes/pretended-cluster.ts'
import { inputs } from '../inputs.ts'

const STYLE = styleOf({}, {})

it('nodeViewIn() takes what an installer tells as it is', () => {
  const whole = nodeView('node-1', {
    problems: [{ what: 'a', hint: 'b' }],
    waiting: [{ name: 'spool', files: 1, bytes: 2 }],
    dedupe: { scope: 'node', why: 'dedupe.scope' },
    lastCrash: { outcome: 'stored', time: '2026-11-21T05:19:17Z', signal: 11 },
    trial: { ageSeconds: 0, running: true, checks: [{ name: 'channels', ok: true, warning: true }] },
  })
  assert.deepEqual(nodeViewIn(JSON.parse(JSON.stringify(whole))), whole)
})

it('nodeViewIn() and podViewIn() take nothing of another version, or of no installer', () => {
  for (const other of [null, 'x', [], {}, nodeView('x', { version: 2 }), nodeView('x', { trial: 7 })])
    assert.equal(nodeViewIn(other), null)
  for (const other of [null, [], {}, { version: 2, uid: 'u' }, { version: 1 }])
    assert.equal(podViewIn(other), null)
})

const anything = fc.anything({ maxDepth: 3 })

it('whatever an installer says is shown, without control characters and without a fault', () => {
  const keys = [
    'ready',
    'capture',
    'pattern',
    'handler',
    'problems',
    'waiting',
    'lastCrash',
    'dedupe',
    'trial',
  ] as const
  const strange = fc.record(
    Object.fromEntries(keys.map(key => [key, fc.oneof(anything, fc.array(anything))])),
  )
  fc.assert(
    fc.property(strange, fields => {
      const view = nodeViewIn({ version: 1, node: 'n', coredog: '\u001b[2J', trial: {}, ...fields })
      const known = { name: 'n', node: null, installer: null, asked: null, view, events: [] }
      // biome-ignore lint/suspicious/noControlCharactersInRegex: none may be there
      assert.doesNotMatch(statusTable([rowOf(known)], STYLE, new Date()), /[\x00-\x09\x0b-\x1f\x7f]/)
    }),
    inputs(),
  )
})

it('whatever it says of a pod, doctor has findings', () => {
  const container = fc.record({
    name: fc.constant('app'),
    policy: anything,
    processes: fc.array(anything),
    processCount: anything,
  })
  fc.assert(
    fc.property(anything, fc.array(container), anything, (spec, containers, status) => {
      const view = podViewIn({ version: 1, uid: 'u', containers })
      const pod = podFacts({
        metadata: {},
        spec: { nodeName: 'n', containers: [{ name: 'app' }, spec] },
        status: { containerStatuses: [status, { name: 'app', state: { running: {} } }] },
      })
      const node = { name: 'n', ready: true, installers: [], asked: null, view: null }
      const findings = podFindings({ pod, node, view, runtimeHandler: null, events: [] })
      assert.notEqual(findingsList(findings, STYLE), '')
    }),
    inputs(),
  )
})
