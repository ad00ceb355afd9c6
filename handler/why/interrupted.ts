import type { CoreHead } from '../../crash/core-head.ts'
import { machineOf } from '../../crash/image/elf-image.ts'
import type { ReadMemory } from '../../crash/process-memory.ts'
import { type Interruption, signalFramesOn } from '../../crash/unwind/signal-frames-on-stack.ts'
import type { Piece } from './evidence.ts'
import { takePieces } from './pieces.ts'
import { interruptedPieces } from './places.ts'
import { pieceAt } from './process-memory.ts'

const STACK_BYTES = 128

/** What handlers of signals had interrupted, and the memory of it: a handler may have a stack of its own. */
export interface Interrupted {
  readonly pieces: readonly Piece[]
  readonly interruptions: readonly Interruption[]
}

/** Nothing is read but where there is a handler on the stack that crashed, among `pieces`. */
export async function takeInterrupted(
  head: CoreHead,
  pieces: readonly Piece[],
  memory: ReadMemory,
): Promise<Interrupted> {
  const machine = machineOf(head.machine)
  const [pointer] = head.stackPointers
  const stack = pointer === undefined ? undefined : pieces.find(piece => holds(piece, pointer))
  if (machine === null || stack === undefined) return { pieces: [], interruptions: [] }
  const interruptions = signalFramesOn(Buffer.from(stack.bytes), stack.address, machine)
  const places = interruptedPieces(head, interruptions)
  const missing = places.filter(({ address }) => pieceAt(pieces, address, STACK_BYTES) === null)
  return { pieces: await takePieces(missing, memory), interruptions }
}

function holds({ address, bytes }: Piece, pointer: bigint): boolean {
  return pointer >= address && pointer < address + BigInt(bytes.length)
}
