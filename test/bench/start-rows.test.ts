import assert from 'node:assert/strict'
import { it } from 'node:test'
import { type StartSample, startRows } from '../../bench/start-rows.ts'

function sample(exitMs: number, more: Partial<StartSample> = {}): StartSample {
  const cost = { userSeconds: 0, systemSeconds: 0, peakBytes: 42 * 2 ** 20, status: 0 }
  return { startedAtMs: 0, firstReadMs: -1, exitMs, ...cost, ...more }
}

it('what was given no core has an end and nothing else', () => {
  const rows = startRows(new Map([['node', [sample(20), sample(30), sample(90)]]]))
  assert.deepEqual(rows, [['node: end', '30.0', '20.0', '90.0', '1.00', '42']])
})

it('all moments of a handler stand in the order in which they come, as multiples of the first contestant', () => {
  const handled = sample(80, { firstReadMs: 50, saidFirstReadMs: 45, storedMs: 70 })
  const rows = startRows(
    new Map([
      ['node', [sample(40)]],
      ['handler', [handled]],
    ]),
  )
  assert.deepEqual(
    rows.map(([name, medianMs, , , times]) => [name, medianMs, times]),
    [
      ['node: end', '40.0', '1.00'],
      ['handler: first read', '50.0', '1.25'],
      ['handler: first read, as it says', '45.0', '1.13'],
      ['handler: report stored', '70.0', '1.75'],
      ['handler: end', '80.0', '2.00'],
    ],
  )
})
