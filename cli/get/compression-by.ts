import type { CoredumpStatus } from '../../coredump/coredump.ts'

type Compression = NonNullable<CoredumpStatus['compression']>

const MAGIC: readonly (readonly [Compression, readonly number[]])[] = [
  ['gzip', [0x1f, 0x8b]],
  ['zstd', [0x28, 0xb5, 0x2f, 0xfd]],
]

/** How bytes are compressed, by themselves, and all of them. */
export async function compressionBy(
  bytes: AsyncIterable<Uint8Array>,
): Promise<{ readonly compression: Compression; readonly all: AsyncIterable<Uint8Array> }> {
  const rest = bytes[Symbol.asyncIterator]()
  const first = await rest.next()
  const start = first.done === true ? new Uint8Array() : first.value
  const known = MAGIC.find(([, magic]) => magic.every((byte, at) => start[at] === byte))
  return { compression: known?.[0] ?? 'none', all: joined(start, rest) }
}

async function* joined(first: Uint8Array, rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield first
    for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value
  } finally {
    await rest.return?.()
  }
}
