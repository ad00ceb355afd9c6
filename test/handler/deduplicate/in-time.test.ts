import assert from 'node:assert/strict'
import { it } from 'node:test'
import { inTime } from '../../../handler/deduplicate/in-time.ts'
import { isSomeCallHung } from '../../../time/left-behind.ts'
import { NO_DEDUPLICATION } from '../no-deduplication.ts'

const GROUPS = { workload: null, fingerprint: null }
const REFUSED = { keep: false, by: 'dedupe', keeps: 1, since: new Date(0), kept: [] } as const
const CRASH = { id: 'ab12cd34ef56', time: new Date(0) }

it('a disk that hangs is given up, and not asked again as long as it does', async () => {
  let asked = 0
  const { promise, resolve } = Promise.withResolvers<void>()
  const deduplication = inTime(
    {
      ...NO_DEDUPLICATION,
      deduplicate: async () => {
        asked += 1
        await promise
        return { keep: true, suppressed: 0 }
      },
    },
    0.01,
  )
  const late = { message: 'the disk was not back within 0.01 s' }
  await assert.rejects(deduplication.deduplicate(GROUPS, CRASH), late)
  await assert.rejects(deduplication.deduplicate(GROUPS, CRASH), late)
  await assert.rejects(deduplication.reported(GROUPS, CRASH), late)
  assert.deepEqual([asked, isSomeCallHung()], [1, true])
  resolve()
  while (isSomeCallHung()) await new Promise(setImmediate)
  assert.equal((await deduplication.deduplicate(GROUPS, CRASH)).keep, true)
})

it('what a disk says is passed on, an error too', async () => {
  const full = new Error('ENOSPC')
  const deduplication = inTime({
    ...NO_DEDUPLICATION,
    deduplicate: () => Promise.reject(full),
  })
  await assert.rejects(deduplication.deduplicate(GROUPS, CRASH), full)
  assert.equal(await deduplication.remember(GROUPS, CRASH, REFUSED), 'report')
})
