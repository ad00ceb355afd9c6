import assert from 'node:assert/strict'
import { it } from 'node:test'
import { reasonBehindHandler } from '../../../crash/why/behind-handler.ts'
import type { Reason } from '../../../crash/why/reason-code.ts'

const [SIGQUIT, SIGABRT, SIGSEGV] = [3, 6, 11]
const READ = { signal: SIGSEGV, code: 'null-pointer', sentence: 'read of a null pointer' } as const
const ASSERTION = { code: 'abort', sentence: "Assertion `b' failed in f (a.c:1)" } as const
const ABORT: Reason = { code: 'abort', sentence: 'aborted by the program itself' }

it('reasonBehindHandler() says first what the handler had caught', () => {
  assert.deepEqual(reasonBehindHandler(ABORT, SIGABRT, READ), {
    code: 'null-pointer',
    sentence: "SIGSEGV: read of a null pointer, caught by the program's handler, which called abort()",
  })
  const raised: Reason = { code: 'raised', sentence: '…' }
  assert.equal(
    reasonBehindHandler(raised, SIGSEGV, READ).sentence,
    "read of a null pointer, caught by the program's handler, which raised it again",
  )
  assert.equal(
    reasonBehindHandler(raised, SIGQUIT, READ).sentence,
    "SIGSEGV: read of a null pointer, caught by the program's handler, which raised SIGQUIT",
  )
  assert.equal(
    reasonBehindHandler(ASSERTION, SIGABRT, { ...ASSERTION, signal: SIGABRT }).sentence,
    "Assertion `b' failed in f (a.c:1), caught by the program's handler, which raised it again",
  )
  assert.equal(
    reasonBehindHandler(ASSERTION, SIGABRT, READ).sentence,
    "SIGSEGV: read of a null pointer, caught by the program's handler, which failed in its turn: Assertion `b' failed in f (a.c:1)",
  )
})

it('reasonBehindHandler() of a handler that crashed itself begins with that', () => {
  const own: Reason = { code: 'wild-call', sentence: 'call through a wild pointer' }
  assert.deepEqual(reasonBehindHandler(own, SIGSEGV, READ), {
    code: 'wild-call',
    sentence: "call through a wild pointer, in the program's handler of SIGSEGV: read of a null pointer",
  })
})

it('reasonBehindHandler() of a process that others ended says nothing of the handler', () => {
  const killed: Reason = { code: 'killed', sentence: 'SIGQUIT sent by process 7' }
  assert.equal(reasonBehindHandler(killed, SIGQUIT, READ), killed)
})

it('reasonBehindHandler() of a panic of Go is the panic, not the signal that its runtime raises and catches', () => {
  const panic: Reason = { code: 'panic', sentence: 'Go panic: index out of range' }
  assert.deepEqual(reasonBehindHandler(panic, SIGABRT, { ...ABORT, signal: SIGABRT }), panic)
  assert.deepEqual(reasonBehindHandler(ASSERTION, SIGABRT, { ...ABORT, signal: SIGABRT }), ASSERTION)
})
