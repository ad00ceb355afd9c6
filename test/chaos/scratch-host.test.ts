import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { it } from 'node:test'
import { batchOf } from './many.ts'
import { ScratchHost } from './scratch-host.ts'

it('hurryOutbox() leaves what a handler still tells to that handler: two would tell', () => {
  using host = new ScratchHost(batchOf(2, 'hurry'))
  mkdirSync(host.outbox)
  const file = (comm: string) => path.join(host.outbox, `${comm}.json`)
  for (const comm of ['dead', 'alive'])
    writeFileSync(
      file(comm),
      JSON.stringify({ notice: { report: { process: { comm } } }, notBefore: '2026-11-21T00:00:00Z' }),
    )
  host.hurryOutbox(['alive'])
  const due = ['dead', 'alive'].map(comm => JSON.parse(readFileSync(file(comm), 'utf8')).notBefore)
  assert.deepEqual(due, [null, '2026-11-21T00:00:00Z'])
})
