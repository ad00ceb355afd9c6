import { pipeline, Readable, type Transform } from 'node:stream'
import { constants, createGunzip, createZstdDecompress } from 'node:zlib'
import type { CoredumpStatus } from '../../coredump/coredump.ts'

type Compression = NonNullable<CoredumpStatus['compression']>

const CHUNK_BYTES = 1 << 20

/** What of a core is in the bytes that came: one that was cut ends where its bytes do. */
const UNPACK: Readonly<Record<Exclude<Compression, 'none'>, () => Transform>> = {
  gzip: () => createGunzip({ chunkSize: CHUNK_BYTES, finishFlush: constants.Z_SYNC_FLUSH }),
  zstd: () => createZstdDecompress({ chunkSize: CHUNK_BYTES, finishFlush: constants.ZSTD_e_flush }),
}

/** The core as the kernel wrote it. */
export function unpacked(
  packed: AsyncIterable<Uint8Array>,
  compression: Compression,
): AsyncIterable<Uint8Array> {
  if (compression === 'none') return packed
  // The error of the first that fails comes out of the last one, which is read.
  return pipeline(Readable.from(packed, { objectMode: false }), UNPACK[compression](), () => undefined)
}

/** By the first bytes of a stored object, for where nobody says how it is compressed. */
export function compressionOf(key: string | undefined): Compression {
  if (key?.endsWith('.zst') === true) return 'zstd'
  return key?.endsWith('.gz') === true ? 'gzip' : 'none'
}
