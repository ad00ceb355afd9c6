import assert from 'node:assert/strict'
import { once } from 'node:events'
import { it } from 'node:test'
import { setTimeout as pause, setImmediate as turn } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { anySignal } from '../../time/any-signal.ts'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

function abortedByGarbage(): AbortSignal {
  const source = new AbortController()
  const any = anySignal([new AbortController().signal, source.signal])
  source.abort('why')
  return any
}

it('anySignal() remembers an abort whose source nobody holds any more', async () => {
  const any = abortedByGarbage()
  await turn()
  collectGarbage()
  assert.equal(any.aborted, true)
  assert.equal(any.reason, 'why')
})

it('anySignal() aborts when one of its sources does, and not before', () => {
  const [first, second] = [new AbortController(), new AbortController()]
  const any = anySignal([first.signal, second.signal])
  assert.equal(any.aborted, false)
  second.abort('second')
  assert.equal(any.reason, 'second')
})

it('anySignal() aborts when a source of its source does', () => {
  const [first, second] = [new AbortController(), new AbortController()]
  const any = anySignal([anySignal([first.signal, second.signal]), new AbortController().signal])
  second.abort('second')
  assert.equal(any.reason, 'second')
})

it('anySignal() leaves nothing of a deadline that is over, also where that is joined twice', async () => {
  const [first, second] = [new AbortController(), new AbortController()]
  const deadline = AbortSignal.timeout(1)
  const join = () => {
    const inner = anySignal([first.signal, deadline])
    return [inner, anySignal([inner, second.signal])].map(signal => new WeakRef(signal))
  }
  const joined = join()
  await Promise.all([once(deadline, 'abort'), pause(5)]) // the deadline alone does not keep the process alive
  await turn()
  collectGarbage()
  assert.deepEqual(
    joined.map(signal => signal.deref()),
    [undefined, undefined],
  )
  assert.ok(!first.signal.aborted && !second.signal.aborted) // they live on
})
