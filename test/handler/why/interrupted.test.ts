import assert from 'node:assert/strict'
import { it } from 'node:test'
import { readCoreHead } from '../../../crash/core-head.ts'
import { takeInterrupted } from '../../../handler/why/interrupted.ts'
import { x86SignalFrame } from '../../crash/unwind/signal-frame-bytes.ts'
import { elfCore } from '../../fakes/elf-core.ts'

const [CODE, OTHER_STACK, STACK] = [0x40_0000n, 0x7f00_0000_0000n, 0x7ffe_0000_0000n]
const STACK_BYTES = 32 * 1024
const THIRD_STACK = 0x7f00_1000_0000n
const INTERRUPTED = { instruction: CODE + 0x10n, stackPointer: STACK + 0x800n, faultAddress: 0x18n }

/** The handler runs on a stack of its own. `before`: those of threads that are told of before its. */
function head(before: readonly bigint[] = []) {
  const core = elfCore({
    instruction: CODE + 0x100n,
    threads: before.length + 1,
    stackPointers: [...before, OTHER_STACK + 128n],
    memory: [
      { address: CODE, bytes: Buffer.alloc(4096) },
      { address: OTHER_STACK, bytes: Buffer.alloc(8192) },
      { address: STACK, bytes: Buffer.alloc(STACK_BYTES) },
    ],
  })
  const read = readCoreHead(core)
  assert.ok('head' in read)
  return read.head
}

function reader() {
  const asked: [bigint, number][] = []
  const read = async (address: bigint, lengthBytes: number) => {
    asked.push([address, lengthBytes])
    return Buffer.alloc(lengthBytes)
  }
  return { asked, read }
}

it('takeInterrupted() copies the stack that a handler with a stack of its own had interrupted', async () => {
  const { asked, read } = reader()
  const bytes = Buffer.alloc(4096)
  x86SignalFrame(INTERRUPTED).copy(bytes, 1024)
  const taken = await takeInterrupted(head(), [{ address: OTHER_STACK, bytes }], read)
  assert.deepEqual(taken.interruptions, [INTERRUPTED])
  assert.deepEqual(asked, [
    [INTERRUPTED.instruction, 64],
    [STACK + 0x800n - 128n, STACK_BYTES - 0x800 + 128],
  ])
  assert.equal(taken.pieces.length, 2)
})

it('takeInterrupted() copies less of a stack that a handler of another thread had interrupted', async () => {
  const { asked, read } = reader()
  const bytes = Buffer.alloc(4096)
  x86SignalFrame({ ...INTERRUPTED, stackPointer: STACK + 0x100n }).copy(bytes, 1024)
  const crashed = { address: THIRD_STACK, bytes: Buffer.alloc(4096) }
  const taken = await takeInterrupted(
    head([THIRD_STACK + 64n]),
    [crashed, { address: OTHER_STACK, bytes }],
    read,
  )
  assert.deepEqual(taken.interruptions, [])
  assert.deepEqual(asked, [
    [INTERRUPTED.instruction, 64],
    [STACK + 0x100n - 128n, 16 * 1024],
  ])
})

it('takeInterrupted() reads nothing that is at hand, and nothing where no handler is', async () => {
  const { asked, read } = reader()
  const bytes = Buffer.alloc(4096)
  assert.deepEqual(await takeInterrupted(head(), [{ address: OTHER_STACK, bytes }], read), {
    pieces: [],
    interruptions: [],
  })
  x86SignalFrame({ ...INTERRUPTED, stackPointer: OTHER_STACK + 2048n }).copy(bytes, 1024)
  const known = [
    { address: OTHER_STACK, bytes },
    { address: CODE, bytes: Buffer.alloc(4096) },
  ]
  await takeInterrupted(head(), known, read)
  assert.deepEqual(asked, [])
})
