import { open } from 'node:fs/promises'

const PIECE_BYTES = 1024 * 1024

/**
 * The content of `file`, each piece in the place of the one before it: to be done with before the next is
 * asked for. A stream makes a new buffer for each, and of those of a handler of 100 MB the installer kept
 * 20 MiB for good.
 */
export async function* filePieces(file: string): AsyncGenerator<Buffer> {
  await using opened = await open(file)
  const { size } = await opened.stat()
  const buffer = Buffer.allocUnsafeSlow(Math.min(Math.max(size, 1), PIECE_BYTES))
  for (;;) {
    const { bytesRead } = await opened.read(buffer)
    if (bytesRead === 0) return
    yield buffer.subarray(0, bytesRead)
  }
}
