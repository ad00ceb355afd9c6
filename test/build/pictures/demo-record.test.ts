import assert from 'node:assert/strict'
import { it } from 'node:test'
import { constantOf, recordedDemo } from '../../../build/pictures/demo-record.ts'

it('what is of one run, or of one machine, is no change of the demo', () => {
  const elsewhere = recordedDemo()
    .replace(/^┃ Node .*$/m, '┃ Node     other (10.0.0.1)')
    .replace(/\/tmp\/coredog-demo-\w+/g, '/tmp/coredog-demo-another')
    .replace(/^ {2}#4 .*$/m, '  #4  __libc_start_call_main  libc.so.6')
  assert.notEqual(elsewhere, recordedDemo())
  assert.equal(constantOf(elsewhere), constantOf(recordedDemo()))
  assert.notEqual(constantOf(elsewhere.replace('pay', 'paid')), constantOf(recordedDemo()))
})
