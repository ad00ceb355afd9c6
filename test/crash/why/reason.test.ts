import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { type Evidence, REASON_CODES, type ReasonCode, reasonOf } from '../../../crash/why/reason.ts'
import { inputs } from '../../inputs.ts'
import { RECORDED } from './recorded-crash.ts'

const REAL: readonly (readonly [string, ReasonCode, string])[] = [
  ['null_read', 'null-pointer', 'read of a null pointer'],
  ['null_read_field', 'null-pointer', 'read of a null pointer (address 0x18)'],
  ['null_write_field', 'null-pointer', 'write to a null pointer (address 0x18)'],
  ['null_read_far', 'null-pointer', 'read of a null pointer (a large offset, address 0x4020)'],
  ['null_before', 'null-pointer', 'read of a null pointer (a negative offset, address -0x8)'],
  ['null_add', 'null-pointer', 'write to a null pointer (address 0x8)'],
  ['null_method', 'null-pointer', 'read of a null pointer (a large offset, address 0x4028)'],
  ['null_call', 'null-call', 'call through a null pointer'],
  [
    'null_call_offset',
    'null-call',
    'call through a null pointer, or return to an overwritten address (address 0x18)',
  ],
  [
    'wild_call',
    'wild-call',
    'call through a wild pointer, or return to an overwritten address (no code at address 0x123456789000)',
  ],
  ['corrupt_call', 'wild-call', 'call through a corrupt pointer (no valid address)'],
  ['heap_call', 'no-code', 'jump to memory that is no code ([heap], address 0x1cefd2c0)'],
  ['stack_call', 'no-code', 'jump to memory that is no code ([stack], address 0x7ffc4fdd4c00)'],
  ['corrupt_return', 'wild-call', 'return to a corrupt address (the stack was overwritten)'],
  ['corrupt_read', 'bad-address', 'read through a corrupt pointer (no valid address)'],
  ['corrupt_write', 'bad-address', 'write through a corrupt pointer (no valid address)'],
  ['corrupt_frame', 'bad-address', 'use of a corrupt stack or frame pointer (no valid address)'],
  ['misaligned_sse', 'bad-address', 'write through a misaligned or corrupt pointer'],
  ['wild_read', 'bad-address', 'read of an address where nothing is mapped (address 0x123456789000)'],
  ['kernel_read', 'bad-address', 'read of an address of the kernel (address 0xffff888000000000)'],
  ['past_heap', 'bad-address', 'write to memory just past the end of [heap] (address 0x27ba1000)'],
  ['read_only_text', 'read-only-write', 'write to read-only memory (/tmp/why/cases, address 0x402258)'],
  ['read_only_file', 'read-only-write', 'write to read-only memory (/etc/passwd, address 0x7f13863f3000)'],
  ['write_code', 'read-only-write', 'write to read-only memory (/tmp/why/cases, address 0x40148f)'],
  [
    'no_access',
    'bad-address',
    'read of memory without any access rights (anonymous memory, address 0x7f6e1dfa2000)',
  ],
  ['overflow', 'stack-overflow', 'stack overflow (the stack of 8 MiB is full)'],
  ['overflow_in_thread', 'stack-overflow', 'stack overflow (the stack of 8 MiB is full)'],
  ['overflow_large_frame', 'stack-overflow', 'stack overflow (one function takes more than is left)'],
  ['overflow_handled', 'stack-overflow', 'stack overflow (the stack of 8 MiB is full)'],
  [
    'caught_and_raised',
    'raised',
    'SIGSEGV raised by the program itself, maybe after its handler had caught another',
  ],
  ['divide', 'division-by-zero', 'integer division by zero (or with a result too large)'],
  ['divide_least', 'division-by-zero', 'integer division by zero (or with a result too large)'],
  [
    'ud2',
    'illegal-instruction',
    'illegal instruction on purpose (ud2: a failed check, or code that must not be reached)',
  ],
  ['bad_opcode', 'illegal-instruction', 'illegal instruction (bytes 06 1e c3 62 f2 77 48 68)'],
  ['avx512', 'illegal-instruction', 'illegal instruction (of AVX-512, which this processor may not have)'],
  ['int3', 'trap', 'trap instruction (int3: a failed check, or a breakpoint)'],
  ['hlt', 'trap', 'trap instruction (hlt: a failed check)'],
  [
    'truncated',
    'truncated-mapping',
    'read of a page of /tmp/dataU9Nz1I that is not there (the file was truncated, or its disk is full or failed)',
  ],
  ['abort_call', 'abort', 'aborted by the program itself'],
  ['raise_quit', 'raised', 'SIGQUIT raised by the program itself'],
  [
    'raise_segv',
    'raised',
    'SIGSEGV raised by the program itself, maybe after its handler had caught another',
  ],
  ['kill_itself', 'abort', 'aborted by the program itself'],
  ['killed_abort', 'killed', 'SIGABRT sent by process 1862 (uid 0)'],
  ['killed_segv', 'killed', 'SIGSEGV sent by process 1866 (uid 0)'],
  ['queued', 'raised', 'SIGQUIT raised by the program itself'],
  ['timer', 'timer', 'SIGABRT sent by a timer of the program'],
  ['cpu_limit', 'cpu-limit', 'used more CPU time than its limit allows (RLIMIT_CPU or RLIMIT_RTTIME)'],
  ['file_limit', 'file-size-limit', 'wrote a file beyond the limit of its size (RLIMIT_FSIZE)'],
  ['seccomp', 'bad-syscall', 'system call 165 refused by a seccomp filter'],
  ['double_free', 'abort', 'aborted by the program itself'],
]
for (const [name, code, sentence] of REAL) {
  it(`reasonOf() a real crash: ${name}`, () => {
    assert.deepEqual(reasonOf(RECORDED.get(name)!), { code, sentence })
  })
}

it('reasonOf() blames the limit of a file for the SIGXFSZ of the kernel alone, not for one that was raised', () => {
  const limit = RECORDED.get('file_limit')!
  for (const code of [-6, -1]) {
    const raised = reasonOf({ ...limit, info: { ...limit.info!, code } })
    assert.deepEqual(raised, { code: 'raised', sentence: 'SIGXFSZ raised by the program itself' })
  }
})

it('reasonOf() blames no seccomp filter for a system call that the program wanted to be told', () => {
  const refused = RECORDED.get('seccomp')!
  const { sentence } = reasonOf({ ...refused, info: { ...refused.info!, code: 2 } })
  assert.equal(sentence, 'system call 165 that the program itself wanted stopped')
})

it('reasonOf() is tested with all that was recorded', () => {
  assert.deepEqual(
    REAL.map(([name]) => name),
    [...RECORDED.keys()],
  )
})

/** SIGSEGV of a read at an address where nothing is. */
const FAULT: Evidence = { signal: 11, info: { number: 11, code: 1, address: 0x7000_0000n } }
const info = (number: number, code: number, more: Partial<Evidence['info']> = {}) => ({
  signal: number,
  info: { number, code, address: 0n, ...more },
})
const anonymous = { start: 0x1000_0000n, end: 0x1001_0000n, permissions: 'rw-p', name: '' }
const word = (instruction: number) => {
  const code = Buffer.alloc(4)
  code.writeUInt32LE(instruction)
  return code
}

/** A stack of so much, and the stack pointer so far from its end. */
function atStack(sizeBytes: number, distance: bigint): Pick<Evidence, 'mappings' | 'stackPointer'> {
  const end = 0x7fff_ff00_0000n
  const start = end - BigInt(sizeBytes)
  return { mappings: [{ start, end, permissions: 'rw-p', name: '[stack]' }], stackPointer: start + distance }
}

const MADE: readonly (readonly [string, Evidence, ReasonCode, string])[] = [
  [
    'a pointer that is no address, where the stack of the main thread has grown to',
    {
      ...info(11, 128),
      ...atStack(132 * 1024, 0x4000n),
      code: Buffer.from('8b00', 'hex'),
      machine: 'x86-64',
    },
    'bad-address',
    'read through a corrupt pointer (no valid address)',
  ],
  [
    'a software interrupt that is not for processes, there',
    { ...info(11, 128), ...atStack(132 * 1024, 0x800n), code: Buffer.from('cd42', 'hex'), machine: 'x86-64' },
    'illegal-instruction',
    'privileged instruction, which no process may execute',
  ],
  [
    'a return to what is no address, at the end of a full stack',
    { ...info(11, 128), ...atStack(8 << 20, 0x800n), code: Buffer.from('c3', 'hex'), machine: 'x86-64' },
    'wild-call',
    'return to a corrupt address (the stack was overwritten)',
  ],
  [
    'no room for the frame of a signal',
    { ...info(11, 128), ...atStack(8 << 20, 0x800n), code: Buffer.from('55', 'hex'), machine: 'x86-64' },
    'stack-overflow',
    'stack overflow (the stack of 8 MiB is full)',
  ],
  [
    'a call where the stack pointer is wild',
    { ...info(11, 1, { address: 0xff8n }), stackPointer: 0x1000n, mappings: [anonymous] },
    'bad-address',
    'use of a corrupt stack pointer (address 0x1000)',
  ],
  ['an alignment check, of which there is no address', info(7, 1), 'bus-error', 'misaligned access'],
  ['without siginfo', { signal: 11 }, 'other', 'ended by SIGSEGV'],
  ['of a signal without a name', { signal: 42 }, 'other', 'ended by signal 42'],
  ['without siginfo, of SIGABRT', { signal: 6 }, 'abort', 'aborted by the program itself'],
  ['with the siginfo of another signal', { ...FAULT, signal: 7 }, 'other', 'ended by SIGBUS'],
  [
    'without mappings, code and registers',
    FAULT,
    'bad-address',
    'access to an address where nothing is mapped (address 0x70000000)',
  ],
  [
    'of memory that was mapped meanwhile',
    { ...FAULT, mappings: [{ ...anonymous, start: 0x6fff_0000n, end: 0x7000_1000n }] },
    'bad-address',
    'access to an address where nothing is mapped (address 0x70000000)',
  ],
  ['of a null pointer, no more known', info(11, 1), 'null-pointer', 'use of a null pointer'],
  [
    'of a refused access, no more known',
    info(11, 2, { address: 0x7000n << 16n }),
    'bad-address',
    'access to protected memory (address 0x70000000)',
  ],
  [
    'of a refused write without mappings',
    {
      ...info(11, 2, { address: 0x7000_0000n }),
      code: Buffer.from('c60001c9', 'hex'),
      machine: 'x86-64',
    },
    'read-only-write',
    'write to read-only memory (address 0x70000000)',
  ],
  [
    'abort() of process 1',
    { ...info(11, 128), call: 'abort()', pid: 1 },
    'abort',
    "abort() of the container's first process, which the kernel shows as SIGSEGV",
  ],
  [
    'an assertion',
    { signal: 6, abortMessage: "app: two.c:4: check: Assertion `b >= 0' failed." },
    'abort',
    "Assertion `b >= 0' failed in check (two.c:4)",
  ],
  [
    'an exception of process 1',
    { ...info(11, 128), call: 'abort()', exception: { type: 'std::runtime_error', what: 'no such cart.' } },
    'exception',
    'uncaught C++ exception std::runtime_error: no such cart',
  ],
  [
    'an exception that says nothing, and glibc neither',
    { signal: 6, exception: { type: 'shop::Error' }, abortMessage: null, panic: null },
    'exception',
    'uncaught C++ exception shop::Error',
  ],
  ['a panic', { ...info(6, -6, { pid: 7 }), pid: 7, panic: 'boom' }, 'panic', 'Go panic: boom'],
  [
    'a signal from another process, whatever the program said before',
    { ...info(6, 0, { pid: 9, uid: 1 }), pid: 7, panic: 'boom', abortMessage: 'no' },
    'killed',
    'SIGABRT sent by process 9 (uid 1)',
  ],
  [
    'a signal from the node',
    { ...info(6, 0, { pid: 0, uid: 0 }), pid: 1 },
    'killed',
    'SIGABRT sent from outside of its container (uid 0)',
  ],
  [
    'a sender that was looked up',
    { ...info(3, 0, { pid: 0, uid: 0 }), sender: { pid: 1234, comm: 'kubelet\n', uid: 0 } },
    'killed',
    'SIGQUIT sent by process 1234 (kubelet\\n, uid 0)',
  ],
  ['tgkill() of who knows whom', info(6, -6, { pid: 7, uid: 0 }), 'abort', 'aborted by the program itself'],
  ['a code of its own', info(3, -77), 'other', 'SIGQUIT sent with code -77'],
  ['Ctrl-\\', info(3, 128), 'killed', 'SIGQUIT from its terminal (Ctrl-\\)'],
  [
    'a wrong memory tag',
    info(11, 9, { address: 0x7000_0000n }),
    'memory-tag',
    'access through a pointer with a wrong memory tag (freed, or past an end)',
  ],
  [
    'a shadow stack',
    info(11, 10),
    'wild-call',
    'return or jump to where none may lead (the stack or a pointer was overwritten)',
  ],
  [
    'an unknown code of SIGSEGV',
    info(11, 77),
    'bad-address',
    'access to memory that the process may not access',
  ],
  [
    'a signal that the kernel could not deliver, on arm64',
    { ...info(11, 128), machine: 'aarch64' },
    'bad-address',
    'the kernel could not deliver or end a signal (its stack is full or was overwritten)',
  ],
  [
    'a privileged instruction',
    { ...info(11, 128), machine: 'x86-64', code: Buffer.from('fa90', 'hex') },
    'illegal-instruction',
    'privileged instruction, which no process may execute',
  ],
  ['misaligned access', info(7, 1, { address: 0x1001n }), 'bus-error', 'misaligned access (address 0x1001)'],
  [
    'anonymous memory that cannot be had',
    { ...info(7, 2, { address: 0x1000_0010n }), mappings: [anonymous] },
    'bus-error',
    'access to memory that cannot be had (address 0x10000010)',
  ],
  [
    'damaged memory',
    info(7, 4, { address: 0x1000n }),
    'hardware-error',
    'memory of the machine is damaged (address 0x1000)',
  ],
  [
    'division on arm64',
    { ...info(8, 1), machine: 'aarch64' },
    'division-by-zero',
    'integer division by zero',
  ],
  ['a floating-point trap', info(8, 3), 'division-by-zero', 'floating-point division by zero'],
  ['another one', info(8, 7), 'arithmetic', 'invalid floating-point operation'],
  [
    'udf of arm64',
    { ...info(4, 1), machine: 'aarch64', code: word(0) },
    'illegal-instruction',
    'illegal instruction on purpose (udf: a failed check, or code that must not be reached)',
  ],
  [
    'brk of arm64',
    { ...info(5, 1), machine: 'aarch64', code: word(0xd420_7d00) },
    'trap',
    'trap instruction (brk #1000: a failed check, or a breakpoint)',
  ],
  [
    'a signature that is wrong, on arm64',
    { ...info(4, 2), machine: 'aarch64', code: word(0xd503_23bf) },
    'wild-call',
    'return or jump by a pointer with a wrong signature (the stack or the pointer was overwritten)',
  ],
  [
    'a wild address on arm64, of which the processor tells the upper bits otherwise',
    { ...info(11, 1, { address: 0xffad_beef_0000_0000n }), machine: 'aarch64' },
    'bad-address',
    'access to an address where nothing is mapped (address 0xffadbeef00000000)',
  ],
  [
    'an address of the kernel on arm64',
    { ...info(11, 1, { address: 0xffff_8000_0800_0000n }), machine: 'aarch64' },
    'bad-address',
    'access to an address of the kernel (address 0xffff800008000000)',
  ],
  ['an illegal instruction, no more known', info(4, 2), 'illegal-instruction', 'illegal instruction'],
  [
    'a refused system call, no more known',
    info(31, 1),
    'bad-syscall',
    'system call refused by a seccomp filter',
  ],
]
for (const [name, evidence, code, sentence] of MADE) {
  it(`reasonOf() a made-up crash: ${name}`, () => {
    assert.deepEqual(reasonOf(evidence), { code, sentence })
  })
}

it('reasonOf() a pointer into the stack that is near its end is no stack overflow', () => {
  const real = RECORDED.get('overflow')!
  const stack = real.mappings!.find(({ name }) => name === '[stack]')!
  const near = { ...real, stackPointer: stack.start + 0x10_0000n }
  assert.equal(reasonOf(near).code, 'bad-address')
})

const address = fc.oneof(
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  fc.constantFrom(0n, 8n, 4096n, 2n ** 64n - 1n, 2n ** 47n, 0x7ffc_0000_0000n),
)
const mapping = fc.record({
  start: address,
  end: address,
  permissions: fc.constantFrom('rw-p', 'r--p', '---p', 'r-xp', ''),
  name: fc.string(),
})
const evidence = fc.record(
  {
    signal: fc.oneof(fc.constantFrom(3, 4, 5, 6, 7, 8, 11, 24, 25, 31), fc.integer()),
    info: fc.record(
      {
        number: fc.constantFrom(3, 4, 5, 6, 7, 8, 11, 24, 25, 31),
        code: fc.oneof(fc.constantFrom(-6, -3, -2, -1, 0, 1, 2, 3, 4, 9, 128), fc.integer()),
        address,
        pid: fc.integer(),
        uid: fc.integer(),
        systemCall: fc.integer(),
      },
      { requiredKeys: ['number', 'code', 'address'] },
    ),
    instruction: address,
    stackPointer: address,
    mappings: fc.array(mapping, { maxLength: 4 }),
    code: fc.uint8Array({ maxLength: 16 }).map(bytes => Buffer.from(bytes)),
    pid: fc.integer(),
    machine: fc.constantFrom('x86-64' as const, 'aarch64' as const),
    sender: fc.record({ pid: fc.integer(), comm: fc.string(), uid: fc.integer() }),
    call: fc.option(fc.string({ maxLength: 1000 })),
    abortMessage: fc.option(fc.string({ maxLength: 1000 })),
    panic: fc.option(fc.string({ maxLength: 1000 })),
    exception: fc.option(fc.record({ type: fc.string({ maxLength: 1000 }), what: fc.string() })),
  },
  { requiredKeys: ['signal'] },
)

it('reasonOf() any evidence is a code and one short line', () => {
  fc.assert(
    fc.property(evidence, given => {
      const { code, sentence } = reasonOf(given)
      assert.ok(REASON_CODES.includes(code))
      assert.match(sentence, /^[^\n]{1,400}$/)
      assert.doesNotMatch(sentence, /undefined|NaN|\[object/)
    }),
    inputs(1000),
  )
})
