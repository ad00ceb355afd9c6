import { crc32 } from 'node:zlib'

const HEADER = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff])
const LAST_BLOCK = Buffer.from([1, 0, 0, 0xff, 0xff])
// As sixteen bits hold.
const LARGEST_BLOCK = 0xffff

/** `chunks` as gzip that compresses nothing: what is in them is compressed already. */
export async function* gzipStored(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
  yield HEADER
  let sum = 0
  let bytes = 0
  for await (const chunk of chunks) {
    sum = crc32(chunk, sum)
    bytes += chunk.length
    for (let at = 0; at < chunk.length; at += LARGEST_BLOCK) {
      const part = chunk.subarray(at, at + LARGEST_BLOCK)
      yield blockHeader(part.length)
      yield part
    }
  }
  yield LAST_BLOCK
  yield trailer(sum, bytes)
}

function blockHeader(bytes: number): Uint8Array {
  const header = Buffer.alloc(5)
  header.writeUInt16LE(bytes, 1)
  header.writeUInt16LE(bytes ^ LARGEST_BLOCK, 3)
  return header
}

/** Of more than 4 GiB it has the lower bits. */
function trailer(sum: number, bytes: number): Uint8Array {
  const end = Buffer.alloc(8)
  end.writeUInt32LE(sum, 0)
  end.writeUInt32LE(bytes % 2 ** 32, 4)
  return end
}
