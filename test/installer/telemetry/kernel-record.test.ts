import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { parseDrop, parseKernelRecord } from '../../../installer/telemetry/kernel-record.ts'
import { inputs } from '../../inputs.ts'

// As printed by the kernels named; the command of the late ones ends at its first argument, which is a NUL
// away.
const DROPS = [
  [
    '6.12',
    'coredump: 786(repro): over core_pipe_limit, skipping core dump',
    'over-pipe-limit',
    { namespacedPid: 786, comm: 'repro' },
  ],
  [
    '6.12',
    'coredump: 1(a)b): RLIMIT_CORE is set to 1, aborting core',
    'no-core-wanted',
    { namespacedPid: 1, comm: 'a)b' },
  ],
  [
    '6.12',
    'coredump: 7(x): |/usr/local/bin/coredog-handler pipe failed',
    'handler-not-started',
    { namespacedPid: 7, comm: 'x' },
  ],
  [
    '6.12',
    'coredump: 7(x): Core dump to |/usr/local/bin/coredog-handler disabled',
    'pipes-disabled',
    { namespacedPid: 7, comm: 'x' },
  ],
  [
    '5.10',
    'Pid 2216944(vasp_std) over core_pipe_limit',
    'over-pipe-limit',
    { namespacedPid: 2216944, comm: 'vasp_std' },
  ],
  [
    '5.10',
    'Process 12(my app) has RLIMIT_CORE set to 1',
    'no-core-wanted',
    { namespacedPid: 12, comm: 'my app' },
  ],
  ['5.10', 'Core dump to |/usr/local/bin/coredog-handler pipe failed', 'handler-not-started', {}],
  [
    '4.19',
    'Core dump to |/opt/bin/coredog-handler 4242 my app 1763700000 11 4242 1 0 pipe failed',
    'handler-not-started',
    { pid: 4242, comm: 'my app' },
  ],
  [
    '4.19',
    'Core dump to |/usr/lib/systemd/systemd-coredump 2216949 52678 pipe failed',
    'handler-not-started',
    {},
  ],
  ['5.10', 'Core dump to |/usr/local/bin/coredog-handler disabled', 'pipes-disabled', {}],
] as const

for (const [kernel, text, reason, process] of DROPS) {
  it(`parseDrop knows of Linux ${kernel}: ${text}`, () => {
    const { hint, ...drop } = parseDrop(text) ?? assert.fail('not recognised')
    assert.deepEqual(drop, { reason, text, ...process })
    assert.match(hint, /\.$/)
  })
}

for (const text of [
  'Skipping core dump',
  'Aborting core',
  'coredump: 7(x): written to /core, over core_pipe_limit',
  'repro[757]: segfault at 0 ip 0000000000000000 sp 0000000020000288 error 14 in repro[400000+1000]',
  'usb 1-1: Pid 7(x) over core_pipe_limit',
]) {
  it(`parseDrop leaves alone: ${text}`, () => assert.equal(parseDrop(text), null))
}

it('parseKernelRecord believes the kernel only: facility 0', () => {
  const text = 'Pid 7(x) over core_pipe_limit'
  assert.equal(parseKernelRecord(`4,99,1234,-;${text}`)?.drop?.reason, 'over-pipe-limit')
  assert.deepEqual(parseKernelRecord(`12,99,1234,-;${text}`), { sequence: 99, drop: null })
  assert.deepEqual(parseKernelRecord('30,7,1,-,caller=T1;a;b'), { sequence: 7, drop: null })
})

it('parseKernelRecord takes no line of details for a record', () => {
  assert.equal(parseKernelRecord(' SUBSYSTEM=usb'), null)
  assert.equal(parseKernelRecord(''), null)
})

it('parseKernelRecord takes any text', () => {
  fc.assert(
    fc.property(
      fc.string(),
      text => void parseKernelRecord(`4,1,1,-;Core dump to |/x/coredog-handler ${text} pipe failed`),
    ),
    inputs(2000),
  )
})
