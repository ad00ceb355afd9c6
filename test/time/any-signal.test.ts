import assert from 'node:assert/strict'
import { it } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
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
