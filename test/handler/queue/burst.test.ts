import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { it, type TestContext } from 'node:test'
import { isBurst } from '../../../handler/queue/burst.ts'
import { temporaryFolder } from '../../fakes/core-file.ts'

const NOW = new Date('2026-11-21T06:00:00Z')
const JUST_NOW = '2026-11-21T05:59:50.000Z'

function judge(
  t: TestContext,
  { waiting = 0, crowd = 1, heartbeat = JUST_NOW as string | null },
): Promise<boolean> {
  const runFolder = temporaryFolder(t)
  const text = JSON.stringify({ time: heartbeat, uninstallAfterSeconds: 86_400 })
  if (heartbeat !== null) writeFileSync(path.join(runFolder, 'heartbeat.json'), text)
  const outbox = { ids: async () => Array.from({ length: waiting }, (_, at) => String(at)) }
  return isBurst({ outbox, runFolder, crowd: async () => crowd, now: () => NOW })
}

it('isStorm() says so when more than five notices wait, or more than five handlers are at it', async t => {
  assert.equal(await judge(t, { waiting: 5, crowd: 5 }), false)
  assert.equal(await judge(t, { waiting: 6 }), true)
  assert.equal(await judge(t, { crowd: 6 }), true)
})

for (const heartbeat of [null, '2026-11-21T05:58:59.000Z', '2026-11-21T06:02:00.000Z', 'yesterday']) {
  it(`isStorm() leaves nothing to an installer of which the heartbeat says ${heartbeat}`, async t => {
    assert.equal(await judge(t, { waiting: 100, crowd: 100, heartbeat }), false)
  })
}
