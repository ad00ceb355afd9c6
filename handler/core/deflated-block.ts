import { crc32 } from 'node:zlib'
import { type Addon, largestDeflated } from '../native/addon.ts'
import { CompressedBlock, deflateBlock } from './compressed-block.ts'

/** A block as a piece of a raw deflate stream, and what the checksum of the whole is joined of. */
export interface DeflatedBlock {
  readonly piece: CompressedBlock
  /** Of the block. */
  readonly crc32: number
}

/** By ISA-L, whose thread makes the checksum, too. */
export async function deflateByAddon(block: Buffer, addon: Addon): Promise<DeflatedBlock> {
  // Memory that is not written to costs nothing.
  const output = Buffer.allocUnsafeSlow(largestDeflated(block.length))
  const { storedBytes, crc32 } = await addon.deflate(block, output)
  return { piece: new CompressedBlock(block.length, [output.subarray(0, storedBytes)]), crc32 }
}

export async function deflateByZlib(block: Buffer, level: number): Promise<DeflatedBlock> {
  const piece = deflateBlock(block, level)
  // Meanwhile, in this thread.
  const checksum = crc32(block)
  return { piece: await piece, crc32: checksum }
}
