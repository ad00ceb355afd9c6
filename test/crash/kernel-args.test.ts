import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { CORE_PATTERN_ARGS, isKernelCall, kernelArgv, parseKernelArgs } from '../../crash/kernel-args.ts'
import { inputs } from '../inputs.ts'

const UNLIMITED = '18446744073709551615'
const full = { P: '4242', t: '1763700000', s: '11', I: '4243', d: '1', c: UNLIMITED, F: '3' }

/**
 * What the kernel makes of the pattern. Before Linux 5.3 it splits after filling in, and empty ones vanish.
 */
function kernel(pattern: string, values: Record<string, string>, splits: 'before' | 'after'): string[] {
  const fill = (text: string) => text.replace(/%(\w)/g, (_, letter: string) => values[letter] ?? '')
  if (splits === 'before') return pattern.split(' ').map(fill)
  return fill(pattern)
    .split(' ')
    .filter(word => word !== '')
}

const comm = fc.string({ unit: 'binary-ascii', maxLength: 15 }).map(text => text.replaceAll(/[\0/]/g, '!'))
const hostile = fc.oneof(
  comm,
  fc.constantFrom(
    '--help',
    '../../x',
    '1 2 3',
    '1700000000 6 1',
    '11 4243 1 0 3',
    '',
    ' ',
    'my app',
    '9',
    '-1',
    '%P',
  ),
)

it('parseKernelArgs() reads the full form, whatever the comm holds', () => {
  fc.assert(
    fc.property(hostile, e => {
      const args = parseKernelArgs(kernel(CORE_PATTERN_ARGS, { ...full, e }, 'before'))
      assert.deepEqual(args, {
        pid: 4242,
        comm: e,
        crashedAt: new Date(1763700000_000),
        signal: 11,
        threadId: 4243,
        dumpable: 1,
        coreLimitBytes: Number.POSITIVE_INFINITY,
        pidFd: 3,
      })
    }),
    inputs(6000),
  )
})

it('parseKernelArgs() reads what kernels before 5.3 split apart, with and without %F', () => {
  fc.assert(
    fc.property(hostile, fc.boolean(), (e, knowsPidFd) => {
      const values = knowsPidFd ? full : { ...full, F: '' }
      const args = parseKernelArgs(kernel(CORE_PATTERN_ARGS, { ...values, e }, 'after'))
      assert.equal(
        args.comm,
        e
          .split(' ')
          .filter(word => word !== '')
          .join(' '),
      )
      assert.deepEqual(
        [args.pid, args.signal, args.threadId, args.pidFd],
        [4242, 11, 4243, knowsPidFd ? 3 : undefined],
      )
      assert.deepEqual(args.crashedAt, new Date(1763700000_000))
    }),
    inputs(6000),
  )
})

it('parseKernelArgs() reads the three arguments that people set by hand', () => {
  fc.assert(
    fc.property(hostile, fc.constantFrom('before' as const, 'after' as const), (e, splits) => {
      const args = parseKernelArgs(kernel('%P %e %t', { ...full, e }, splits))
      const expected =
        splits === 'before'
          ? e
          : e
              .split(' ')
              .filter(word => word !== '')
              .join(' ')
      assert.deepEqual(args, { pid: 4242, comm: expected, crashedAt: new Date(1763700000_000) })
    }),
    inputs(6000),
  )
})

it('parseKernelArgs() takes an empty %F for none', () => {
  const args = parseKernelArgs(kernel(CORE_PATTERN_ARGS, { ...full, e: 'app', F: '' }, 'before'))
  assert.equal('pidFd' in args, false)
})

it('parseKernelArgs() reads a limit that is set', () => {
  assert.equal(
    parseKernelArgs(kernel(CORE_PATTERN_ARGS, { ...full, e: 'app', c: '0' }, 'before')).coreLimitBytes,
    0,
  )
})

const partial = [
  { name: 'a pid alone', argv: ['7'], expected: { pid: 7, comm: '', crashedAt: null } },
  {
    name: 'a clock before 2001',
    argv: ['7', 'app', '86400'],
    expected: { pid: 7, comm: 'app', crashedAt: null },
  },
  {
    name: 'a time that is none',
    argv: ['7', 'app', 'x'],
    expected: { pid: 7, comm: 'app x', crashedAt: null },
  },
]
for (const { name, argv, expected } of partial) {
  it(`parseKernelArgs() does not lose a crash for ${name}`, () => {
    assert.deepEqual(parseKernelArgs(argv), expected)
  })
}

it('parseKernelArgs() never throws once there is a pid', () => {
  fc.assert(
    fc.property(fc.nat({ max: 4194304 }), fc.array(fc.string()), (pid, rest) => {
      assert.equal(parseKernelArgs([String(pid + 1), ...rest]).pid, pid + 1)
    }),
    inputs(4000),
  )
})

for (const argv of [
  [],
  ['%P', '%e', '%t'],
  ['0', 'app', '1763700000'],
  ['1e3', 'x', '1'],
  ['-4', 'x', '1'],
]) {
  it(`parseKernelArgs() says what it wants instead of ${JSON.stringify(argv)}`, () => {
    assert.throws(() => parseKernelArgs(argv), {
      name: 'OperatorError',
      message: /do not begin with a process id/,
      hint: /core_pattern/,
    })
  })
}

it('isKernelCall() tells the kernel from a person', () => {
  assert.deepEqual([['42', '--help', '1763700000'], ['--help'], ['self-test'], []].map(isKernelCall), [
    true,
    false,
    false,
    false,
  ])
})

it('kernelArgv() are arguments that are read as the same', () => {
  const args = fc.record({
    pid: fc.integer({ min: 1, max: 4_194_304 }),
    comm,
    crashedAt: fc.constant(new Date(1_763_700_000_000)),
    signal: fc.constant(11),
    threadId: fc.integer({ min: 1, max: 4_194_304 }),
    dumpable: fc.constantFrom(0, 1, 2),
    coreLimitBytes: fc.constantFrom(0, 1024, Number.POSITIVE_INFINITY),
    pidFd: fc.constant(3),
  })
  fc.assert(
    fc.property(args, ({ pidFd, ...others }) => {
      for (const one of [others, { ...others, pidFd }])
        assert.deepEqual(parseKernelArgs(kernelArgv(one)), one)
    }),
    inputs(),
  )
  for (const argv of [
    ['7', 'my app', '1763700000'],
    ['7', 'app'],
  ])
    assert.deepEqual(parseKernelArgs(kernelArgv(parseKernelArgs(argv))), parseKernelArgs(argv))
})
