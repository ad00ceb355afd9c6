import assert from 'node:assert/strict'
import { appendFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { it } from 'node:test'
import { pino } from 'pino'
import { tellOfDrops } from '../../../installer/telemetry/kernel-drops.ts'
import { temporaryFolder } from '../../fakes/core-file.ts'

it('tellOfDrops() logs, counts and makes an Event of each drop of the kernel once', async t => {
  const file = path.join(temporaryFolder(t), 'kmsg')
  writeFileSync(file, '')
  async function* ticks(): AsyncGenerator<void> {
    yield
    appendFileSync(file, '4,7,1234,-;Pid 7(job) over core_pipe_limit\n')
    yield
    yield
  }
  const told: unknown[] = []
  const audience = {
    metrics: { countDrop: ({ comm }: { comm?: string }) => void told.push(['counted', comm]) },
    recorder: { recordNodeEvent: (reason: string) => void told.push(['event', reason]) },
  }
  const log = pino({}, { write: line => void told.push(['logged', JSON.parse(line).msg]) })
  const options = { file, positionFile: `${file}.position`, bootId: 'this', ticks: ticks(), log }
  await tellOfDrops(audience, options, new AbortController().signal)
  assert.deepEqual(told, [
    ['logged', 'core dropped by the kernel'],
    ['counted', 'job'],
    ['event', 'CoreDumpDropped'],
  ])
})
