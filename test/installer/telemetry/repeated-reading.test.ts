import assert from 'node:assert/strict'
import { it } from 'node:test'
import { pino } from 'pino'
import { RepeatedReading } from '../../../installer/telemetry/repeated-reading.ts'

it('RepeatedReading logs the first of failures in a row, and again once it went well between', async () => {
  const lines: Record<string, unknown>[] = []
  const log = pino({ base: null, timestamp: false }, { write: line => void lines.push(JSON.parse(line)) })
  const reading = new RepeatedReading('/dev/kmsg', 'kernel log not read', log)
  const wentWell: boolean[] = []
  for (const failure of ['first', 'second', null, 'third'])
    wentWell.push(
      await reading.once(async () => {
        if (failure !== null) throw new Error(failure)
      }),
    )
  assert.deepEqual(wentWell, [false, false, true, false])
  assert.deepEqual(
    lines,
    ['first', 'third'].map(reason => ({ level: 40, file: '/dev/kmsg', reason, msg: 'kernel log not read' })),
  )
})
