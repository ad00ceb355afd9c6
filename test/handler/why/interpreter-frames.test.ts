import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { ReportInterpreterFrame } from '../../../crash/report.ts'
import { fingerprintOf } from '../../../crash/why/fingerprint.ts'
import { comparedStack, interpreterFramesOf } from '../../../handler/why/interpreter-frames.ts'

const CRASHED = { workload: 'web', container: 'app', signal: 11, reason: 'null-pointer' } as const
const STRLEN = {
  functionName: 'strlen',
  module: '/lib/libc.so.6',
  buildId: 'ab',
  offset: 0x1149n,
  trust: 'context',
}
const LIBRARY = {
  function: 'string_at',
  file: '/usr/lib/python3.11/ctypes/__init__.py',
  line: 519,
  own: false,
}

it("comparedStack() tells two crashes apart by the program's own lines, and builds by where those are", () => {
  const [load, moved, store] = [call('load', 12), call('load', 40), call('store', 12)].map(own =>
    fingerprintOf(CRASHED, comparedStack([STRLEN], { interpreterFrames: [LIBRARY, own] })),
  )
  assert.ok(load && moved && store)
  assert.equal(load.group, moved.group)
  assert.equal(new Set([load, moved, store].map(({ fingerprint }) => fingerprint)).size, 3)
  assert.notEqual(load.group, store.group)
})

it("comparedStack() has nothing of the language's own library, and of what is no interpreter", () => {
  assert.deepEqual(comparedStack([STRLEN], { interpreterFrames: [LIBRARY] }), [STRLEN])
  assert.deepEqual(comparedStack([STRLEN], {}), [STRLEN])
  const nothing = { read: () => null }
  assert.deepEqual(interpreterFramesOf({} as Parameters<typeof interpreterFramesOf>[0], nothing), {})
})

function call(name: string, line: number): ReportInterpreterFrame {
  return { function: name, file: '/app/shop.py', line, own: true }
}

it('comparedStack() is the same whatever is guessed, and however the stack of the interpreter begins', () => {
  const below = (functionName: string, trust: 'cfi' | 'scan', module = '/lib/libc.so.6') =>
    comparedStack([STRLEN, { ...STRLEN, functionName, trust, module }], {
      interpreterFrames: [LIBRARY, call('load', 12)],
    })
  const all = [
    below('_start', 'cfi'),
    below('clone3', 'cfi'),
    below('memcpy', 'scan'),
    below('stale', 'scan', '/app/other.so'),
  ].map(frames => fingerprintOf(CRASHED, frames))
  for (const one of all) assert.deepEqual(one, all[0])
})
