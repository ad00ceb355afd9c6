import type { CoreHead } from '../../crash/core-head.ts'
import { type Machine, machineOf } from '../../crash/image/elf-image.ts'
import type { ReadMemory } from '../../crash/process-memory.ts'
import { type Interruption, signalFramesOn } from '../../crash/unwind/signal-frames-on-stack.ts'
import type { Piece } from './evidence.ts'
import { takePieces } from './pieces.ts'
import { CRASHED_STACK_BYTES, interruptedPieces, STACK_BYTES } from './places.ts'
import { pieceAt } from './process-memory.ts'

const LEAST_STACK_BYTES = 128
/** The first one may be left of before. */
const MOST_OF_OTHERS = 2

/** What handlers of signals had interrupted, and the memory of it: a handler may have a stack of its own. */
export interface Interrupted {
  readonly pieces: readonly Piece[]
  readonly interruptions: readonly Interruption[]
}

/**
 * Nothing is read but where there is a handler on a stack among `pieces`. `interruptions` are those of the thread that
 * crashed; others have handlers where a program stops them by signals before it ends, as Go does.
 */
export async function takeInterrupted(
  head: CoreHead,
  pieces: readonly Piece[],
  memory: ReadMemory,
): Promise<Interrupted> {
  const machine = machineOf(head.machine)
  if (machine === null) return { pieces: [], interruptions: [] }
  const [interruptions = [], ...others] = head.stackPointers
    .slice(0, head.statuses.length)
    .map(pointer => signalFramesAbove(pointer, pieces, machine))
  const places = [
    ...interruptedPieces(head, interruptions, CRASHED_STACK_BYTES),
    ...interruptedPieces(
      head,
      others.flatMap(found => found.slice(0, MOST_OF_OTHERS)),
      STACK_BYTES,
    ),
  ]
  const missing = places.filter(({ address }) => pieceAt(pieces, address, LEAST_STACK_BYTES) === null)
  return { pieces: await takePieces(missing, memory), interruptions }
}

function signalFramesAbove(
  pointer: bigint,
  pieces: readonly Piece[],
  machine: Machine,
): readonly Interruption[] {
  const stack = pieces.find(piece => holds(piece, pointer))
  return stack === undefined ? [] : signalFramesOn(Buffer.from(stack.bytes), stack.address, machine)
}

function holds({ address, bytes }: Piece, pointer: bigint): boolean {
  return pointer >= address && pointer < address + BigInt(bytes.length)
}
