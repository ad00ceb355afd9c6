import type { CoreHead } from '../../crash/core-head.ts'
import { machineOf } from '../../crash/image/elf-image.ts'
import { takeAbortMessage } from './abort-message-pieces.ts'
import type { OpenModule, Piece } from './evidence.ts'
import { piecesFor } from './pieces-for.ts'
import { thrownIn } from './thrown.ts'

/** A process that is held, and what was taken of it so far. */
export interface HeldMemory {
  readonly head: Pick<CoreHead, 'machine' | 'statuses'>
  readonly pieces: readonly Piece[]
  readonly modules: readonly OpenModule[]
  readonly read: (address: bigint, lengthBytes: number) => Promise<Uint8Array | null>
}

/** The memory in which stands what a program said before it gave up. */
export interface LastWords {
  readonly pieces: readonly Piece[]
  readonly abortMessageAt?: bigint
}

/** Of libc, of an exception that nothing caught, and of a panic: whichever there is. */
export async function takeLastWords({ head, pieces, modules, read }: HeldMemory): Promise<LastWords> {
  const machine = machineOf(head.machine)
  const same = (symbol: string) => symbol
  const [message, thrown] = await Promise.all([
    takeAbortMessage(modules, read),
    machine && piecesFor(memory => thrownIn(memory, head.statuses, machine, same), pieces, read),
  ])
  return {
    pieces: [...(message?.pieces ?? []), ...(thrown ?? [])],
    ...(message && { abortMessageAt: message.address }),
  }
}
