import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { it } from 'node:test'
import { DebuggedPod } from '../../../../cli/debug/in-cluster/debugged-pod.ts'
import type { Ended } from '../../../../cli/debug/in-cluster/exec.ts'

/** A pod whose programs end so. */
function podWith(ended: Partial<Ended>, signal = new AbortController().signal): DebuggedPod {
  return new DebuggedPod({ run: async () => ({ exitCode: 0, out: '', said: '', ...ended }) }, 'shop', signal)
}

/** A pod whose programs end when they are ended. */
function silentPod(signal: AbortSignal, { started }: { readonly started: () => void }): DebuggedPod {
  const run = (_: unknown, limit: AbortSignal) => {
    const { promise, reject } = Promise.withResolvers<Ended>()
    limit.addEventListener('abort', () => reject(limit.reason))
    started()
    return promise
  }
  return new DebuggedPod({ run }, 'shop', signal)
}

it('DebuggedPod waits for no answer for ever, and for no copy that moves no more', async t => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const { signal } = new AbortController()
  const asked = silentPod(signal, { started: () => t.mock.timers.tick(60_000) })
  await assert.rejects(asked.lacking(['gdb']), /The debug pod is silent for 60 s/)
  let seconds = 0
  const copied = copyingPod(signal, moving => {
    for (const each of [119, 119, 120]) {
      t.mock.timers.tick(each * 1000)
      seconds += each
      moving()
    }
  })
  await assert.rejects(copied, /silent for 120 s/)
  assert.equal(seconds, 358)
})

/** Moves as `move` does. */
async function copyingPod(signal: AbortSignal, move: (moving: () => void) => void): Promise<void> {
  let moving: () => void = () => assert.fail('it did not begin')
  const pod = silentPod(signal, { started: () => move(() => moving()) })
  await pod.copy(async given => {
    moving = given
    return Readable.from([])
  })
}

it('DebuggedPod ends what it waits for when a person does', async () => {
  const ended = new AbortController()
  const pod = silentPod(ended.signal, { started: () => ended.abort(new Error('it was interrupted')) })
  await assert.rejects(pod.lacking(['gdb']), /it was interrupted/)
})

it('DebuggedPod.crashedRoot() believes nothing but a root', async () => {
  const { signal } = new AbortController()
  assert.equal(await podWith({ out: '/proc/14/root\n' }, signal).crashedRoot(), '/proc/14/root')
  for (const out of ['', '/proc//root', '/etc', "/proc/1/root'; x"])
    assert.equal(await podWith({ out }).crashedRoot(), null)
})

it('DebuggedPod.programIn() looks for nothing but a plain path', async () => {
  const pod = podWith({})
  assert.equal(await pod.programIn('/proc/14/root', '/app/web'), '/proc/14/root/app/web')
  for (const executable of [undefined, '/app/../../x', 'memfd:web (deleted)'])
    assert.equal(await pod.programIn('/', executable), null)
  assert.equal(await podWith({ exitCode: 1 }).programIn('/', '/app/web'), null)
})
