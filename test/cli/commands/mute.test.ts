import assert from 'node:assert/strict'
import { it } from 'node:test'
import { groupFolder } from '../../../crash/group-key.ts'
import { CrashGroup } from '../../../groups/crash-group.ts'
import { ENTRY } from '../../fakes/index-entry.ts'
import { runOnStore } from '../run-on-store.ts'
import { addCrash, emptyStore } from '../stored-crash.ts'

const SIGNAL = new AbortController().signal
const NOW = new Date('2026-11-21T12:00:00Z')
const { cluster, namespace } = ENTRY
const GROUP = groupFolder({ cluster, namespace, workload: 'Deployment.checkout', fingerprint: ['x'] })

async function stored(countedIn: string | undefined) {
  const { folder, store } = await emptyStore()
  await addCrash(store, { report: countedIn === undefined ? {} : { countedIn } })
  const muted = async (group = GROUP) => (await new CrashGroup(store, group).muted(SIGNAL))?.until ?? null
  const run = (...options: readonly string[]) =>
    runOnStore(folder, ['mute', ENTRY.id, ...options], { now: () => NOW })
  return { muted, run }
}

it('mute tells chats nothing of crashes like one until then, or until --off', async () => {
  const { muted, run } = await stored(GROUP)
  const { exitCode, stdout } = await run('--until', '8h')
  assert.deepEqual([exitCode, await muted()], [0, new Date('2026-11-21T20:00:00Z')])
  assert.equal(stdout, `crashes like ${ENTRY.id} are muted until 2026-11-21T20:00:00.000Z\n`)
  await run('--until', '2026-12-01')
  assert.deepEqual(await muted(), new Date('2026-12-01T00:00:00Z'))
  assert.equal((await run('--off')).exitCode, 0)
  assert.equal(await muted(), null)
})

it('mute says what it wants where no time to come is named', async () => {
  const { muted, run } = await stored(GROUP)
  for (const options of [[], ['--until', 'soon'], ['--until', '2026-11-01'], ['--until', '1h', '--off']]) {
    const { exitCode, stderr } = await run(...options)
    assert.deepEqual([exitCode, /--until 8h/.test(stderr)], [2, true], options.join(' '))
  }
  assert.equal(await muted(), null)
})

it('mute believes no report that names another tenant’s group', async () => {
  const another = groupFolder({
    cluster,
    namespace: 'pay',
    workload: 'Deployment.checkout',
    fingerprint: ['x'],
  })
  for (const countedIn of [another, '_groups/../x', `${GROUP}/kept`, undefined]) {
    const { muted, run } = await stored(countedIn)
    const { exitCode, stderr } = await run('--until', '8h')
    const isOwn = countedIn === `${GROUP}/kept`
    assert.deepEqual([exitCode, await muted(another)], [isOwn ? 0 : 1, null], String(countedIn))
    if (!isOwn) assert.match(stderr, /dedupe\.scope/)
  }
})
