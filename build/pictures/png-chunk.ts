import { crc32 } from 'node:zlib'

/** A part of a PNG: https://www.w3.org/TR/png-3/#5Chunk-layout */
export interface Chunk {
  readonly type: string
  readonly data: Buffer
}

const SIGNATURE = Buffer.from('89504e470d0a1a0a', 'hex')
const AROUND_BYTES = 12

export function chunksOf(png: Buffer): readonly Chunk[] {
  const chunks: Chunk[] = []
  for (let at = SIGNATURE.length; at + AROUND_BYTES <= png.length; ) {
    const data = png.subarray(at + 8, at + 8 + png.readUInt32BE(at))
    chunks.push({ type: png.toString('latin1', at + 4, at + 8), data })
    at += data.length + AROUND_BYTES
  }
  return chunks
}

export function pngOf(chunks: readonly Chunk[]): Buffer {
  return Buffer.concat([SIGNATURE, ...chunks.map(written)])
}

function written({ type, data }: Chunk): Buffer {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)]
  length.writeUInt32BE(data.length)
  check.writeUInt32BE(crc32(named))
  return Buffer.concat([length, named, check])
}
