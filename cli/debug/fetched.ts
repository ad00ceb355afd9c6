import { createHash, type Hash } from 'node:crypto'
import { type FileHandle, open } from 'node:fs/promises'
import { pause } from '../../time/pause.ts'
import { CliError, EXIT } from '../exit.ts'
import type { StoredBytes } from '../source/source.ts'

/** An object of the store. */
export interface Wanted {
  /** For people. */
  readonly name: string
  /** From there on, or all of it. */
  readonly open: (firstByte: number) => Promise<StoredBytes>
  /** `null`: nobody says. */
  readonly sizeBytes: number | null
  /** Of what is stored; `null`: nobody says, so it is not checked. */
  readonly sha256: string | null
  /** So many more are there. */
  readonly onBytes: (bytes: number) => void
  readonly signal: AbortSignal
}

const MOST_INTERRUPTIONS = 5
const PAUSE_SECONDS = 1
const CHUNK_BYTES = 1 << 20
/** Of what nobody says how large it is. */
const MOST_BYTES = 2 ** 40

/**
 * All bytes of an object, those first that are in the file `part` already; what comes is appended to it, so that
 * another run goes on from there; `null`: nothing is kept. Goes on by itself where the stream is interrupted. Throws at its end where these are
 * not the bytes that they should be, and then `part` is empty.
 */
export async function* fetched(part: string | null, wanted: Wanted): AsyncGenerator<Buffer> {
  const file = part === null ? null : await open(part, 'a+', 0o600)
  try {
    const hash = createHash('sha256')
    yield* rest(file, yield* kept(file, wanted, hash), wanted, hash)
    const digest = hash.digest('hex')
    if (wanted.sha256 === null || digest === wanted.sha256) return
    await file?.truncate(0)
    throw notTheSame(wanted.name, digest)
  } finally {
    await file?.close()
  }
}

/** Of an earlier run; gives how many. */
async function* kept(
  file: FileHandle | null,
  { sizeBytes, onBytes }: Wanted,
  hash: Hash,
): AsyncGenerator<Buffer, number> {
  if (file === null) return 0
  const { size } = await file.stat()
  if (size > (sizeBytes ?? Number.POSITIVE_INFINITY)) {
    await file.truncate(0)
    return 0
  }
  for (let at = 0; at < size; ) {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(CHUNK_BYTES), 0, CHUNK_BYTES, at)
    if (bytesRead === 0) return at
    yield counted(buffer.subarray(0, bytesRead), hash, onBytes)
    at += bytesRead
  }
  return size
}

async function* rest(
  file: FileHandle | null,
  from: number,
  wanted: Wanted,
  hash: Hash,
): AsyncGenerator<Buffer> {
  const { sizeBytes, onBytes, signal } = wanted
  let at = from
  for (let interruptions = 0; at !== sizeBytes; ) {
    const { body, firstByte, totalBytes } = await wanted.open(at)
    const end = sizeBytes ?? totalBytes
    try {
      let place = firstByte
      for await (const chunk of body as AsyncIterable<Buffer>) {
        // What is asked for from its middle may be sent from its beginning.
        const fresh = chunk.subarray(Math.max(0, at - place))
        place += chunk.length
        if (fresh.length === 0) continue
        await file?.appendFile(fresh)
        at += fresh.length
        if (at > (end ?? MOST_BYTES)) break
        interruptions = 0
        yield counted(fresh, hash, onBytes)
      }
      if (at === (end ?? at)) return
      if (at < (end ?? 0)) throw new Error('it ended too early')
    } catch (cause) {
      body.destroy()
      interruptions += 1
      if (signal.aborted || interruptions > MOST_INTERRUPTIONS) throw broken(wanted.name, cause)
      await pause(PAUSE_SECONDS, signal)
    }
    if (at > (end ?? MOST_BYTES)) {
      await file?.truncate(0)
      throw tooLong(wanted.name, end ?? MOST_BYTES)
    }
  }
}

function counted(bytes: Buffer, hash: Hash, onBytes: Wanted['onBytes']): Buffer {
  hash.update(bytes)
  onBytes(bytes.length)
  return bytes
}

function notTheSame(name: string, digest: string): CliError {
  return new CliError(
    EXIT.error,
    `Cannot take ${name}: its sha256 is ${digest}, and another one was written down when it was stored`,
    'Try again. If it is so each time, what lies in the store was changed.',
  )
}

function tooLong(name: string, bytes: number): CliError {
  return new CliError(
    EXIT.error,
    `Cannot take ${name}: it goes on behind the ${bytes} bytes that it should have`,
    'Try again. If it is so each time, what answers is not the store, or is broken.',
  )
}

function broken(name: string, cause: unknown): CliError {
  const said = cause instanceof Error ? cause.message : 'the connection was closed'
  return new CliError(
    EXIT.error,
    `Cannot get ${name} to its end: ${said}`,
    'Run the same command again: it goes on where it was interrupted.',
    cause,
  )
}
