import assert from 'node:assert/strict'
import { it } from 'node:test'
import { firstLook, sourceOf } from '../../../cli/debug/first-look.ts'
import { type CrashReport, REPORT_SCHEMA, type ReportFrame } from '../../../crash/report.ts'

const LIBRARY: ReportFrame = { function: 'compare', file: 'basic_string.h', own: false, trust: 'context' }
const OWN: ReportFrame = { function: 'total', file: 'cart.cc', own: true, trust: 'cfi' }

function report(...frames: readonly ReportFrame[]): CrashReport {
  return { schema: REPORT_SCHEMA, id: '3f2a9c01d4e5', crash: { frames } }
}

it('firstLook() is at the program’s own code, not at what of a library it called', () => {
  assert.deepEqual(firstLook('gdb', report(LIBRARY, LIBRARY, OWN, OWN)), [
    ...['-ex', 'set print frame-arguments all'],
    ...['-ex', 'frame 2'],
    ...['-ex', 'set print frame-arguments scalars'],
  ])
  assert.deepEqual(firstLook('lldb', report(LIBRARY, OWN)), ['-o', 'frame select 1'])
  assert.equal(sourceOf(report(LIBRARY, OWN)), 'cart.cc')
})

it('firstLook() changes nothing where the debugger is there, or it is not sure', () => {
  const guess: ReportFrame = { ...LIBRARY, trust: 'scan' }
  const many = Array.from({ length: 64 }, () => LIBRARY)
  for (const one of [null, report(), report(OWN), report(LIBRARY), report(guess, OWN), report(...many, OWN)])
    assert.deepEqual(firstLook('gdb', one), [])
  assert.deepEqual([sourceOf(null), sourceOf(report(LIBRARY))], [null, null])
})
