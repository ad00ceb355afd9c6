import { constants } from 'node:fs'
import { type FileHandle, link, open, rm } from 'node:fs/promises'
import path from 'node:path'
import { insteadOf, orIfMissing } from '../crash/system-error.ts'
import { temporaryIn, writeDurably } from '../durable/atomic-file.ts'
import { positionOf } from './file-position.ts'
import {
  countAt,
  encodeSeenHead,
  LINE_BYTES,
  LONGEST_HEAD_BYTES,
  parseSeenHead,
  type SeenGroup,
} from './seen-group.ts'

export interface SeenCrash {
  readonly id: string
  readonly time: Date
  /** As a person wrote it. */
  readonly image?: string
}

/** What is known of a group, and which of its crashes this one is. */
export type Seen = Omit<SeenGroup, 'headBytes'> & { readonly count: number }

/** Some eighty thousand crashes. More are not counted. */
const LARGEST_FILE_BYTES = 1024 * 1024
/** One that is asked for again, because its handler was killed, is among the last three hundred. */
const TAIL_BYTES = 300 * LINE_BYTES

/**
 * Adds `crash` to the file of its group, beside all that do so at once; to add it twice does no harm. `null`: there
 * is no such file. `not ours`: it is of another release, or of nobody; then it stays as it is.
 */
export async function countIn(file: string, crash: Pick<SeenCrash, 'id'>): Promise<Seen | 'not ours' | null> {
  await using handle = await open(file, constants.O_RDWR | constants.O_APPEND).catch(orIfMissing(null))
  if (handle === null) return null
  const head = parseSeenHead(await readAt(handle, 0, LONGEST_HEAD_BYTES))
  if (head === null) return 'not ours'
  const { headBytes, ...known } = head
  return { ...known, count: countAt(await enter(handle, `${crash.id}\n`), { headBytes }) }
}

/** Resolves with where its line ends; where it is not counted, with the end of the file. */
async function enter(handle: FileHandle, line: string): Promise<number> {
  const { size } = await handle.stat()
  const from = Math.max(0, size - TAIL_BYTES)
  const at = (await readAt(handle, from, TAIL_BYTES)).indexOf(line)
  if (at !== -1) return from + at + LINE_BYTES
  if (size < LARGEST_FILE_BYTES) {
    await handle.appendFile(line)
    return positionOf(handle.fd)
  }
  // So that it does not look quiet.
  await handle.utimes(new Date(), new Date())
  return size
}

async function readAt(handle: FileHandle, position: number, mostBytes: number): Promise<Buffer> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(mostBytes), 0, mostBytes, position)
  return buffer.subarray(0, bytesRead)
}

/** Makes the file of a group that begins with `crash`: whole, or not at all, and where another was quicker, none. */
export async function makeSeenFile(file: string, { time, image }: SeenCrash): Promise<void> {
  const made = temporaryIn(path.dirname(file))
  try {
    const head = { first: time, ...(image !== undefined && { firstImage: image }) }
    await writeDurably(made, encodeSeenHead(head))
    await link(made, file).catch(insteadOf(['EEXIST'], undefined))
  } finally {
    await rm(made, { force: true })
  }
}
