import assert from 'node:assert/strict'
import { it } from 'node:test'
import { hasFaultAddress, signalCodeName, signalName } from '../../crash/signal.ts'

it('signalName() knows the signals that dump core, and numbers the rest', () => {
  const names = [3, 4, 5, 6, 7, 8, 11, 24, 25, 31].map(signalName)
  assert.deepEqual(names, [
    'SIGQUIT',
    'SIGILL',
    'SIGTRAP',
    'SIGABRT',
    'SIGBUS',
    'SIGFPE',
    'SIGSEGV',
    'SIGXCPU',
    'SIGXFSZ',
    'SIGSYS',
  ])
  assert.equal(signalName(42), 'signal 42')
})

const codes = [
  { signal: 11, code: 1, name: 'SEGV_MAPERR', fault: true },
  { signal: 11, code: 2, name: 'SEGV_ACCERR', fault: true },
  { signal: 11, code: 128, name: 'SI_KERNEL', fault: false },
  { signal: 11, code: 0, name: 'SI_USER', fault: false },
  { signal: 6, code: -6, name: 'SI_TKILL', fault: false },
  { signal: 8, code: 1, name: 'FPE_INTDIV', fault: true },
  { signal: 7, code: 2, name: 'BUS_ADRERR', fault: true },
  { signal: 31, code: 1, name: 'SYS_SECCOMP', fault: false },
  { signal: 11, code: 99, name: '99', fault: true },
]
for (const { signal, code, name, fault } of codes) {
  it(`signalCodeName() calls code ${code} of ${signalName(signal)} ${name}`, () => {
    assert.deepEqual([signalCodeName(signal, code), hasFaultAddress(signal, code)], [name, fault])
  })
}
