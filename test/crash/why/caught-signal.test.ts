import assert from 'node:assert/strict'
import { it } from 'node:test'
import { type Caught, errorCaught } from '../../../crash/why/caught-signal.ts'

const [SIGQUIT, SIGABRT, SIGBUS, SIGFPE, SIGUSR1, SIGSEGV, SIGALRM] = [3, 6, 7, 8, 10, 11, 14]
const READ: Caught = {
  info: { number: SIGSEGV, code: 1, address: 0x18n },
  instruction: 0x40_1234n,
  isAtSystemCall: false,
  faultAddress: 0x18n,
  trap: { number: 14, errorCode: 4 },
}
/** As of a handler without SA_SIGINFO, on a stack that was used before. */
const UNTOLD: Caught = { ...READ, info: { number: 42, code: 7, address: 1n } }

it('errorCaught() is what siginfo says, where the kernel wrote it', () => {
  assert.deepEqual(errorCaught(READ, SIGABRT), READ.info)
  const sent = { number: SIGABRT, code: -6, address: 0n, pid: 7, uid: 0 }
  assert.deepEqual(errorCaught({ ...READ, info: sent, isAtSystemCall: true }, SIGABRT), sent)
  const divided = { number: SIGFPE, code: 1, address: READ.instruction }
  assert.deepEqual(errorCaught({ ...READ, info: divided }, SIGABRT), divided)
  const tagged = { number: SIGSEGV, code: 1, address: 0x0300_0000_0000_0018n }
  assert.deepEqual(errorCaught({ ...READ, info: tagged }, SIGABRT), tagged)
})

it('errorCaught() is what the processor found, for a handler that was not told', () => {
  assert.deepEqual(errorCaught(UNTOLD, SIGABRT), READ.info)
  assert.deepEqual(errorCaught({ ...UNTOLD, info: null }, SIGSEGV), READ.info)
  const written = { ...UNTOLD, trap: { number: 14, errorCode: 7 } }
  assert.deepEqual(errorCaught(written, SIGSEGV), { number: SIGSEGV, code: 2, address: 0x18n })
  assert.deepEqual(errorCaught(UNTOLD, SIGBUS), { number: SIGBUS, code: 2, address: 0x18n })
  const divided = { ...UNTOLD, trap: { number: 0, errorCode: 0 } }
  const found = { number: SIGFPE, code: 1, address: READ.instruction }
  assert.deepEqual(errorCaught(divided, SIGFPE), found)
})

it('errorCaught() is nothing where it cannot be told, or was no error', () => {
  for (const number of [SIGUSR1, SIGALRM, SIGQUIT]) {
    const info = { number, code: 0, address: 0n, pid: 7, uid: 0 }
    assert.equal(errorCaught({ ...READ, info, isAtSystemCall: true }, SIGABRT), null)
  }
  assert.equal(errorCaught({ ...UNTOLD, isAtSystemCall: true }, SIGABRT), null)
  assert.equal(errorCaught(UNTOLD, SIGFPE), null)
  // A thread that never had an error has this number, too.
  assert.equal(errorCaught({ ...UNTOLD, trap: { number: 0, errorCode: 0 } }, SIGABRT), null)
  const { trap: _, ...arm } = UNTOLD
  assert.equal(errorCaught(arm, SIGSEGV), null)
})

it('errorCaught() takes no old bytes for a siginfo', () => {
  const other = { number: SIGSEGV, code: 1, address: 0x20n }
  assert.deepEqual(errorCaught({ ...READ, info: other }, SIGSEGV), READ.info)
})
