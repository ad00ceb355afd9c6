import { closeSync, write } from 'node:fs'
import { promisify } from 'node:util'
import { codeOf } from '../crash/system-error.ts'
import { CorePipe } from './core/core-pipe.ts'
import { ownPipe } from './own-pipe.ts'

const PIECE_BYTES = 256 * 1024

/** `isWhole` false: no program had the pipe open any more. */
interface PassedOn<Reader> {
  readonly to: Reader
  readonly isWhole: boolean
}

/**
 * Passes a core on of which `taken` was read, and the rest is still in `pipe`: `give` gives a program the pipe in
 * which it is whole. Resolves when all of it is in there, which ends it. How fast it is read, and whether to the
 * end, is for the program to say.
 *
 * What has passed is overwritten: it is memory of a process that is not ours. `pipe` stays open.
 */
export async function passOn<Reader>(
  taken: readonly Buffer[],
  pipe: CorePipe,
  give: (fd: number) => Promise<Reader>,
): Promise<PassedOn<Reader>> {
  const { reader, writer } = await ownPipe()
  try {
    const to = await give(reader).finally(() => closeSync(reader))
    return { to, isWhole: (await allWritten(taken, writer)) && (await restWritten(pipe, writer)) }
  } finally {
    closeSync(writer)
  }
}

async function allWritten(pieces: readonly Buffer[], writer: number): Promise<boolean> {
  for (const piece of pieces) if (!(await written(piece, writer))) return false
  return true
}

async function restWritten({ fd }: CorePipe, writer: number): Promise<boolean> {
  // A core that is not ours has no limit of ours, and its end lets nobody go.
  const rest = new CorePipe(fd, { release: () => undefined })
  const piece = Buffer.allocUnsafeSlow(PIECE_BYTES)
  for (;;) {
    const bytes = await rest.fill(piece)
    if (bytes === 0) return true
    if (!(await written(piece.subarray(0, bytes), writer))) return false
  }
}

/** In a thread of libuv's pool, in which it waits for who reads. */
const writeSome = promisify(write)

async function written(piece: Buffer, writer: number): Promise<boolean> {
  try {
    for (let at = 0; at < piece.length; ) at += (await writeSome(writer, piece, at)).bytesWritten
    return true
  } catch (error) {
    if (codeOf(error) === 'EPIPE') return false
    throw error
  } finally {
    piece.fill(0)
  }
}
