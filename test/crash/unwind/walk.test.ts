import assert from 'node:assert/strict'
import { it } from 'node:test'
import { registersIn } from '../../../crash/unwind/registers.ts'
import { type Walk, walk } from '../../../crash/unwind/walk.ts'
import { type Recording, readRecording, recordedProcess } from '../../fakes/recorded-process.ts'

const MOST_FRAMES = 64

for (const { name, frames, end = 'start' } of [
  {
    name: 'abort',
    frames: [
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
  },
  {
    name: 'null-call',
    frames: [
      '? context',
      'f2 cfi',
      'f1 cfi',
      '__libc_start_call_main cfi',
      '__libc_start_main@@GLIBC_2.34 cfi',
      '_start cfi',
    ],
  },
  {
    name: 'alternate-stack',
    frames: [
      'inner context',
      '__restore_rt cfi signal',
      'boom context',
      'f1 cfi',
      'main cfi',
      '__libc_start_call_main cfi',
      '__libc_start_main@@GLIBC_2.34 cfi',
      '_start cfi',
    ],
  },
  {
    name: 'musl',
    frames: [
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
  },
]) {
  it(`walk() of ${name}: ${frames.length} frames, as they were recorded`, () => {
    const recording = readRecording(name)
    const walked = walkOf(recording)
    assert.deepEqual([linesOf(recording, walked), walked.end], [frames, end])
  })
}

it('walk() ends at as many frames as are wanted', () => {
  const walked = walkOf(readRecording('abort'), 3)
  assert.deepEqual([walked.frames.length, walked.end], [3, 'limit'])
})

it('a frame is looked up by the call before its return address, except where a signal came', () => {
  const { frames } = walkOf(readRecording('alternate-stack'))
  assert.deepEqual(
    frames.slice(0, 4).map(({ instruction, lookupAddress }) => instruction - lookupAddress),
    [0n, 0n, 0n, 1n],
  )
})

function walkOf(recording: Recording, mostFrames = MOST_FRAMES): Walk {
  const registers = registersIn(Buffer.from(recording.status, 'base64'), recording.machine)
  assert.ok(registers)
  return walk(registers, recordedProcess(recording), mostFrames)
}

function linesOf({ functions }: Recording, { frames }: Walk): string[] {
  return frames.map(({ instruction, trust, isSignalFrame }) =>
    [functions[instruction.toString(16)] ?? 'unknown', trust, ...(isSignalFrame ? ['signal'] : [])].join(' '),
  )
}
