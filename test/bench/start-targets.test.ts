import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { StartSample } from '../../bench/start-rows.ts'
import { IDLE, POD_CRASH, startTargets } from '../../bench/start-targets.ts'

function sample(more: Partial<StartSample>): StartSample {
  const seen = { startedAtMs: 0, userSeconds: 0, systemSeconds: 0, peakBytes: 0, status: 0 }
  return { ...seen, firstReadMs: -1, exitMs: 0, ...more }
}

it('first read is compared with a Node that does nothing, what is stored with the clock', () => {
  const [read, stored] = startTargets(
    new Map([
      [IDLE, [sample({ exitMs: 30 })]],
      [POD_CRASH, [sample({ firstReadMs: 60, storedMs: 120 })]],
    ]),
  )
  assert.deepEqual([read?.measured, read?.isMet], ['60 ms, 2.00 × node -e 0', false])
  assert.deepEqual([stored?.measured, stored?.isMet], ['120 ms, 4.00 × node -e 0', true])
})

it('where no crash could be pretended nothing is said', () => {
  const targets = startTargets(new Map([[IDLE, [sample({ exitMs: 30 })]]]))
  assert.deepEqual(
    targets.map(({ isMet }) => isMet),
    [null, null],
  )
})
