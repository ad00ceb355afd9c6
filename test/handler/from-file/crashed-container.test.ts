import assert from 'node:assert/strict'
import { it } from 'node:test'
import { type CrashIn, crashedContainer } from '../../../handler/from-file/crashed-container.ts'
import type { HandoffContainer, HandoffPod } from '../../../handoff/run-folder.ts'

const UID = '0f8fad5b-d9cb-469f-a165-70867728950e'
const at = (second: number) => new Date(Date.UTC(2026, 10, 21, 5, 0, second))
const written = (second: number) => at(second).toISOString().replace('.000Z', 'Z')

function life(restartCount: number, from: number, to?: number): HandoffContainer {
  const end = to === undefined ? {} : { finishedAt: written(to) }
  return { name: 'app', id: `${restartCount}`.repeat(64), restartCount, startedAt: written(from), ...end }
}

/** The pods as the installer hands them over, look by look, and how often they were waited for. */
async function found(crash: Partial<CrashIn>, looks: readonly (readonly HandoffContainer[])[], now = at(20)) {
  let look = 0
  let waited = 0
  const pods = (): readonly HandoffPod[] => {
    const containers = looks[Math.min(look, looks.length - 1)] ?? []
    look += 1
    return [{ namespace: 'shop', name: 'web-0', uid: UID, labels: {}, annotations: {}, containers }]
  }
  const wait = async () => {
    waited += 1
  }
  const time = new Date(at(10).getTime() + 400)
  const full = { podUid: UID, container: 'app', time, isFirst: true, ...crash }
  const container = await crashedContainer(full, { pods, wait, now: () => now })
  return [container?.restartCount, waited]
}

it('crashedContainer() finds the one into whose life the crash falls', async () => {
  assert.deepEqual(await found({}, [[life(3, 12), life(2, 1, 10)]]), [2, 0])
  assert.deepEqual(await found({}, [[life(3, 9, 11), life(2, 1, 8)]]), [3, 0])
})

it('crashedContainer() waits until the end of a container is told that its first process took with it', async () => {
  assert.deepEqual(await found({}, [[life(2, 1)], [life(2, 1)], [life(2, 1, 10)]]), [2, 2])
  // It was the next one's crash, of whose start the API server had not heard.
  assert.deepEqual(await found({}, [[life(2, 1)], [life(3, 9, 10), life(2, 1, 8)]]), [3, 1])
})

it('crashedContainer() does not wait for a container that goes on without the process that crashed', async () => {
  assert.deepEqual(await found({ isFirst: false }, [[life(2, 1)]]), [2, 0])
})

it('crashedContainer() names none where nobody can say', async () => {
  assert.deepEqual(await found({}, [[life(2, 1)]]), [undefined, 9])
  assert.deepEqual(await found({}, [[life(2, 1)]], at(50)), [undefined, 0], 'long ago')
  assert.deepEqual(
    await found({}, [[life(2, 10), life(1, 1, 10)]], at(50)),
    [undefined, 0],
    'in the same second',
  )
  assert.deepEqual(
    await found({}, [[life(3, 12), life(2, 11, 12)]], at(50)),
    [undefined, 0],
    'before all of them',
  )
  assert.deepEqual(await found({ container: 'other' }, [[life(2, 1, 10)]], at(50)), [undefined, 0])
  const { startedAt: _, ...without } = life(2, 1)
  assert.deepEqual(await found({}, [[without]]), [undefined, 0], 'of an installer of before')
  assert.deepEqual(await found({ podUid: 'another' }, [[life(2, 1, 10)]]), [undefined, 0])
})
