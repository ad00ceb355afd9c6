import assert from 'node:assert/strict'
import { it } from 'node:test'
import { Modules } from '../../../crash/image/module.ts'
import { registersIn } from '../../../crash/unwind/registers.ts'
import { ADDRESS_MASK, type Walk, walk } from '../../../crash/unwind/walk.ts'
import { RecordedProcess, type Recording, readRecording } from '../../fakes/recorded-process.ts'

const MOST_FRAMES = 64
/** Compiled code, the JVM's, the interpreter's, the JVM's again. */
const JAVA_TRUSTS = `context scan cfi cfi cfi cfi ${'fp '.repeat(8)}cfi cfi cfi cfi cfi cfi`
const [STACK, JIT] = [0x7f00_0000_0000n, 0x7f00_0020_0000n]
const ELF_MAGIC = 0x7f454c46
/** e_shoff. */
const SECTIONS_AT = 40

/** Each was compared with what gdb and eu-stack say, as far as they get. */
const STACKS: Readonly<Record<string, readonly string[]>> = {
  vdso: [
    '[vdso] context',
    'clock_gettime@@GLIBC_2.17 cfi',
    'clock_of cfi',
    'main cfi',
    '__libc_start_call_main cfi',
    '__libc_start_main@@GLIBC_2.34 cfi',
    '_start cfi',
  ],
  abort: [
    '__pthread_kill_implementation context',
    'raise cfi',
    'abort cfi',
    '__assert_fail_base.cold cfi',
    '__assert_fail cfi',
    'check cfi',
    'f2 cfi',
    'f1 cfi',
    '__libc_start_call_main cfi',
    '__libc_start_main@@GLIBC_2.34 cfi',
    '_start cfi',
  ],
  'null-call': [
    '? context',
    'f2 cfi',
    'f1 cfi',
    '__libc_start_call_main cfi',
    '__libc_start_main@@GLIBC_2.34 cfi',
    '_start cfi',
  ],
  'alternate-stack': [
    'inner context',
    '__restore_rt cfi signal',
    'boom context',
    'f1 cfi',
    'main cfi',
    '__libc_start_call_main cfi',
    '__libc_start_main@@GLIBC_2.34 cfi',
    '_start cfi',
  ],
  musl: [
    '__restore_sigs context',
    'raise scan',
    'abort scan',
    '__assert_fail scan',
    'check scan',
    'f2 cfi',
    'f1 cfi',
    'libc_start_main_stage2 cfi',
    '_start scan',
  ],
  go: [
    'runtime.raise.abi0 context',
    'runtime.dieFromSignal cfi',
    'runtime.fatalpanic cfi',
    'runtime.gopanic cfi',
    'runtime.sigpanic cfi',
    'main.load cfi',
    'main.handle cfi',
    'main.main.func2 cfi',
    'runtime.goexit.abi0 cfi',
  ],
  'go-stripped': [
    'runtime.raise.abi0 context',
    'runtime.dieFromSignal scan',
    'runtime.fatalpanic fp',
    'runtime.gopanic fp',
    'runtime.sigpanic fp',
    'main.load fp',
    'main.handle scan',
    'main.main.func2 fp',
    'runtime.goexit.abi0 fp',
  ],
  // Behind fatalthrow.func1 one frame is a guess, and a wrong one: runtime.fatalthrow is next.
  'go-deep-stripped': [
    'runtime.raise.abi0 context',
    'runtime.dieFromSignal scan',
    'runtime.sigfwdgo fp',
    'runtime.sigtrampgo fp',
    'runtime.sigtramp.abi0 fp',
    'runtime.sigreturn__sigaction.abi0 fp signal',
    'runtime.raise.abi0 context',
    'runtime.dieFromSignal scan',
    'runtime.fatalthrow.func1 fp',
    'runtime.throw scan',
    'runtime.fatalthrow fp',
    'runtime.throw fp',
    'runtime.newstack fp',
    'runtime.morestack.abi0 fp',
    'runtime.rt0_go.abi0 scan',
  ],
  'go-fatal': [
    'runtime.raise.abi0 context',
    'runtime.dieFromSignal cfi',
    'runtime.fatalthrow.func1 cfi',
    'runtime.systemstack.abi0 cfi',
    'runtime.fatalthrow fp',
    'runtime.fatal cfi',
    'internal/runtime/maps.fatal cfi',
    'runtime.mapassign_fast64 cfi',
    'main.spin cfi',
    'main.main.gowrap1 cfi',
    'runtime.goexit.abi0 cfi',
  ],
  aarch64: [
    'inner context',
    '? cfi signal',
    'boom context',
    'f1 cfi',
    'main cfi',
    '__libc_start_call_main cfi',
    '__libc_start_main_impl cfi',
    '_start cfi',
  ],
  'aarch64-go': [
    'runtime.raise.abi0 context',
    'runtime.dieFromSignal scan',
    'runtime.sigfwdgo fp',
    'runtime.sigtrampgo fp',
    'runtime.sigtramp.abi0 fp',
    '? fp signal',
    'runtime.raise.abi0 context',
    'runtime.dieFromSignal scan',
    'runtime.fatalpanic fp',
    'runtime.gopanic fp',
    'runtime.sigpanic fp',
    'main.load fp',
    'main.handle scan',
    'main.main.func2 fp',
    'runtime.goexit.abi0 fp',
  ],
}

for (const [name, frames] of Object.entries(STACKS)) {
  it(`walk() of ${name}: all of its ${frames.length} frames`, () => {
    const recording = readRecording(name)
    const walked = walkOf(recording)
    assert.deepEqual(linesOf(recording, walked), frames)
    assert.equal(walked.end, 'start')
  })
}

it('walk() of node goes through compiled code and code that V8 has mapped a second time, to the start', () => {
  const recording = readRecording('node')
  const walked = walkOf(recording)
  const names = linesOf(recording, walked)
  assert.deepEqual(names.slice(5, 9), [
    'Builtins_CEntry_Return1_ArgvOnStack_BuiltinExit cfi',
    '? fp',
    'Builtins_JSEntryTrampoline fp',
    'Builtins_JSEntry fp',
  ])
  assert.deepEqual([names.length, names.at(-1), walked.end], [37, '_start cfi', 'start'])
})

it('walk() of java goes on from compiled code, and knows the frame pointer that was pushed there', () => {
  const walked = walkOf(readRecording('java'))
  const trusts = walked.frames.map(({ trust }) => trust)
  assert.deepEqual([trusts.join(' '), walked.end], [JAVA_TRUSTS, 'start'])
})

it('walk() needs no section headers', () => {
  const process = new RecordedProcess(readRecording('abort'))
  const stripped = process.buffers.filter(buffer => buffer.readUInt32BE(0) === ELF_MAGIC)
  assert.equal(stripped.length, 4)
  for (const buffer of stripped) buffer.fill(0, SECTIONS_AT, SECTIONS_AT + 8)
  const { modules } = process.open()
  const { frames, end } = walkIn(process)
  assert.deepEqual(modules.at(frames[0]?.instruction ?? 0n)?.image?.sections, [])
  assert.deepEqual([frames.length, end], [STACKS.abort?.length, 'start'])
})

it('walk() of frame pointers in a circle ends', () => {
  const process = new RecordedProcess(readRecording('go-stripped'))
  const { frames } = walkIn(process)
  // Each lies below its caller's stack pointer.
  const [second = 0n, fourth = 0n] = [2, 4].map(number => (frames[number]?.stackPointer ?? 0n) - 16n)
  process.write(fourth, second)
  const { frames: circle, end } = walkIn(process)
  assert.ok(circle.length < 10, `${circle.length}`)
  assert.equal(end, 'lost')
})

it('walk() goes by frame pointers through code of no file, where that lies two megabytes above the stack', () => {
  const words = [STACK + 0x40n, JIT, STACK + 0x80n, JIT + 8n, STACK + 0xc0n, JIT + 16n, 0n, 0n]
  const stack = Buffer.alloc(0x100)
  for (const [index, word] of words.entries())
    stack.writeBigUInt64LE(word, Math.floor(index / 2) * 0x40 + (index % 2) * 8)
  const memory = {
    read: (address: bigint, lengthBytes: number) =>
      address < STACK || address + BigInt(lengthBytes) > STACK + 0x100n
        ? null
        : stack.subarray(Number(address - STACK), Number(address - STACK) + lengthBytes),
  }
  const values: (bigint | undefined)[] = Array(17).fill(undefined)
  Object.assign(values, { 6: STACK, 7: STACK, 16: JIT })
  const registers = { machine: 'x86-64', values, instruction: JIT, stackPointer: STACK } as const
  const { frames } = walk(registers, { memory, modules: new Modules([]) }, MOST_FRAMES)
  assert.deepEqual(
    frames.map(({ instruction, trust }) => [instruction - JIT, trust]),
    [
      [0n, 'context'],
      [0n, 'fp'],
      [8n, 'fp'],
    ],
  )
})

it('walk() of a process without memory or files is its first frame', () => {
  const { status, machine } = new RecordedProcess(readRecording('abort'))
  const registers = registersIn(status, machine)
  assert.ok(registers)
  const { frames, end } = walk(
    registers,
    { memory: { read: () => null }, modules: new Modules([]) },
    MOST_FRAMES,
  )
  assert.deepEqual([frames.length, frames[0]?.module, end], [1, null, 'lost'])
})

it('walk() ends at as many frames as are wanted', () => {
  const walked = walkOf(readRecording('abort'), 3)
  assert.deepEqual([walked.frames.length, walked.end], [3, 'limit'])
})

it('walk() takes signatures off return addresses, as many bits as it is told', () => {
  const recording = readRecording('aarch64')
  const unmasked = walkOf(recording, MOST_FRAMES, (1n << 64n) - 1n)
  assert.notDeepEqual(linesOf(recording, unmasked), STACKS.aarch64)
})

it('a frame is looked up by the call before its return address, except where a signal came', () => {
  const { frames } = walkOf(readRecording('alternate-stack'))
  assert.deepEqual(
    frames.slice(0, 4).map(({ instruction, lookupAddress }) => instruction - lookupAddress),
    [0n, 0n, 0n, 1n],
  )
})

function walkOf(recording: Recording, mostFrames = MOST_FRAMES, addressMask = ADDRESS_MASK): Walk {
  return walkIn(new RecordedProcess(recording), mostFrames, addressMask)
}

function walkIn(process: RecordedProcess, mostFrames = MOST_FRAMES, addressMask = ADDRESS_MASK): Walk {
  const registers = registersIn(process.status, process.machine)
  assert.ok(registers)
  return walk(registers, process.open(), mostFrames, addressMask)
}

function linesOf({ functions }: Recording, { frames }: Walk): string[] {
  return frames.map(({ instruction, trust, isSignalFrame }) =>
    [functions[instruction.toString(16)] ?? 'unknown', trust, ...(isSignalFrame ? ['signal'] : [])].join(' '),
  )
}
