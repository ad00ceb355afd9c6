import type { CoreHead } from '../../crash/core-head.ts'
import { machineOf } from '../../crash/image/elf-image.ts'
import type { ReadMemory } from '../../crash/process-memory.ts'
import { takeAbortMessage } from './abort-message-pieces.ts'
import type { OpenModule, Piece } from './evidence.ts'
import { piecesFor } from './pieces-for.ts'
import { thrownIn } from './thrown.ts'

/** A process that crashed, and what was taken of it so far. */
export interface Taking {
  readonly head: Pick<CoreHead, 'machine' | 'statuses'>
  readonly pieces: readonly Piece[]
  readonly modules: readonly OpenModule[]
  readonly memory: ReadMemory
}

/** The memory in which stands what a program said before it gave up. */
export interface LastWords {
  readonly pieces: readonly Piece[]
  readonly abortMessageAt?: bigint
}

/** Of libc, of an exception that nothing caught, and of a panic: whichever there is. */
export async function takeLastWords({ head, pieces, modules, memory }: Taking): Promise<LastWords> {
  const machine = machineOf(head.machine)
  const same = (symbol: string) => symbol
  const [message, thrown] = await Promise.all([
    takeAbortMessage(modules, memory),
    machine && piecesFor(known => thrownIn(known, head.statuses, machine, same), pieces, memory),
  ])
  return {
    pieces: [...(message?.pieces ?? []), ...(thrown ?? [])],
    ...(message && { abortMessageAt: message.address }),
  }
}
