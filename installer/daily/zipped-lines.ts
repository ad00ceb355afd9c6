import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createGzip } from 'node:zlib'

/** To be compressed at once. */
const BLOCK_CHARACTERS = 64 * 1024
/** Of ours they are a tenth of it. */
const LONGEST_LINE = 16 * 1024
/** Of a day with millions of crashes. Who may write to the store may have written whatever unpacks to more. */
const MOST_BYTES = 4 * 1024 ** 3

/** The lines, compressed: the same bytes each time. It fails as they fail. */
export async function* zipped(lines: AsyncIterable<string>): AsyncGenerator<Uint8Array, void, void> {
  const gzip = createGzip()
  const fed = pipeline(blocksOf(lines), gzip)
  // It is seen by who reads.
  fed.catch(() => undefined)
  yield* gzip as AsyncIterable<Buffer>
}

/** The lines of such a file, without the last one if it has no end; where it is damaged it ends. */
export async function* unzipped(file: Readable): AsyncGenerator<string, void, void> {
  const gunzip = createGunzip()
  const fed = pipeline(file, gunzip)
  fed.catch(() => undefined)
  let [rest, bytes] = ['', 0]
  try {
    for await (const block of gunzip.setEncoding('utf8') as AsyncIterable<string>) {
      bytes += block.length
      const lines = (rest + block).split('\n')
      rest = lines.pop() ?? ''
      yield* lines.filter(line => line.length <= LONGEST_LINE)
      if (bytes > MOST_BYTES || rest.length > LONGEST_LINE) return
    }
  } catch (cause) {
    if (!isDamage(cause)) throw cause
  }
}

async function* blocksOf(lines: AsyncIterable<string>): AsyncGenerator<string, void, void> {
  let block = ''
  for await (const line of lines) {
    block += `${line}\n`
    if (block.length < BLOCK_CHARACTERS) continue
    yield block
    block = ''
  }
  if (block !== '') yield block
}

function isDamage(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && /^Z_[A-Z]+_ERROR$/.test(String(cause.code))
}
