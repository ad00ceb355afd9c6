import assert from 'node:assert/strict'
import { it } from 'node:test'
import { humanDuration } from '../../../api/coredumps/human-duration.ts'

const [MINUTE, HOUR, DAY, YEAR] = [60, 3600, 86_400, 365 * 86_400]

// Those of duration_test.go of k8s.io/apimachinery.
const DURATIONS: readonly (readonly [number, string])[] = [
  [-2, '<invalid>'],
  [-1, '0s'],
  [0, '0s'],
  [1, '1s'],
  [70, '70s'],
  [190, '3m10s'],
  [3 * MINUTE, '3m'],
  [70 * MINUTE, '70m'],
  [47 * HOUR, '47h'],
  [3 * HOUR, '3h'],
  [3 * HOUR + 10 * MINUTE, '3h10m'],
  [49 * HOUR, '2d1h'],
  [8 * DAY, '8d'],
  [9 * DAY + 5 * HOUR, '9d'],
  [2 * YEAR, '2y'],
  [2 * YEAR + DAY, '2y1d'],
  [8 * YEAR + 2 * DAY, '8y'],
]

for (const [seconds, expected] of DURATIONS)
  it(`humanDuration() of ${seconds} s is ${expected}`, () => {
    assert.equal(humanDuration(seconds), expected)
  })
