import { createHash } from 'node:crypto'
import { type FileHandle, open, readFile, rename } from 'node:fs/promises'
import type { Logger } from 'pino'
import { messageOf } from '../../crash/errors.ts'
import { fieldsIn } from '../../crash/fields.ts'
import { orIfMissing } from '../../crash/system-error.ts'
import { writeAtomic } from '../../durable/atomic-file.ts'
import { tickEvery } from '../../time/ticker.ts'
import { type HandlerLogEntry, parseHandlerLogLine } from './handler-log-entry.ts'
import { RepeatedReading } from './repeated-reading.ts'

const MEBIBYTE = 1024 * 1024
// Of a line that is longer, pieces of this length are printed.
const LINE_BYTES = MEBIBYTE
const FINGERPRINT_BYTES = 256

interface HandlerLogOptions {
  /** Gets each line that is an entry, in order. */
  readonly onLine: (entry: HandlerLogEntry) => void
  /** Gets every line, without its end. */
  readonly print: (line: string) => void
  /** Where it is remembered how far the files were read, over restarts of ours. */
  readonly positionFile: string
  /** The log is renamed when it is longer, and `keep` old ones stay. */
  readonly rotate?: { readonly bytes: number; readonly keep: number }
  readonly ticks?: AsyncIterable<void>
  readonly log: Logger
}

/** How many bytes were read of each file, by its {@link fingerprintOf}. */
type Positions = Record<string, number>

/**
 * Follows the log that the handlers of this node write to `file`, and keeps it from growing. Each line is
 * printed and handed on once, over restarts of ours too; if we are killed between a line and the note that it
 * was read, it comes twice rather than never. Returns when `signal` is aborted.
 *
 * A file is known by how it begins and not by its name or inode: so it makes no difference what renamed,
 * copied or truncated it, or whether an inode is used again. Old files are read on, because a handler that
 * has its log open goes on writing to it under the new name, sometimes for hours.
 */
export async function followHandlerLog(
  file: string,
  options: HandlerLogOptions,
  signal: AbortSignal,
): Promise<void> {
  const {
    positionFile,
    rotate = { bytes: 10 * MEBIBYTE, keep: 3 },
    ticks = tickEvery(1, signal),
    log,
  } = options
  const files = [...Array(rotate.keep + 1).keys()].map(age => (age === 0 ? file : `${file}.${age}`)).reverse()
  const positions = await readPositions(positionFile)
  const reading = new RepeatedReading(file, 'handler log not read', log)
  for await (const _ of ticks) {
    const before = JSON.stringify(positions)
    await reading.once(async () => {
      await readNews(files, positions, options)
      await rotateLonger(files, rotate.bytes)
    })
    if (JSON.stringify(positions) !== before) await keepPositions(positionFile, positions, log)
    if (signal.aborted) return
  }
}

/** Oldest first, as the lines were written. Moves `positions` on with each piece that was read. */
async function readNews(
  files: readonly string[],
  positions: Positions,
  options: HandlerLogOptions,
): Promise<void> {
  const present = new Set<string>()
  for (const file of files) {
    await using opened = await openIfThere(file)
    const fingerprint = opened === null ? null : await fingerprintOf(opened)
    if (opened === null || fingerprint === null) continue
    present.add(fingerprint)
    await readLines(opened, fingerprint, positions, options)
  }
  for (const known of Object.keys(positions)) if (!present.has(known)) delete positions[known]
}

/** Hands on the whole lines behind the file's position, which ends up behind the last of them. */
async function readLines(
  opened: FileHandle,
  fingerprint: string,
  positions: Positions,
  options: HandlerLogOptions,
): Promise<void> {
  const { size } = await opened.stat()
  let at = positions[fingerprint] ?? 0
  while (at < size) {
    const { bytesRead, buffer } = await opened.read(Buffer.alloc(LINE_BYTES), 0, LINE_BYTES, at)
    const lastEnd = buffer.subarray(0, bytesRead).lastIndexOf('\n')
    const whole = lastEnd === -1 && bytesRead === LINE_BYTES ? bytesRead : lastEnd + 1
    if (whole === 0) return
    const lines = buffer.toString('utf8', 0, whole).split('\n')
    for (const line of lines) if (line !== '') handOn(line, options)
    at += whole
    positions[fingerprint] = at
  }
}

function handOn(line: string, { print, onLine, log }: HandlerLogOptions): void {
  print(line)
  const entry = parseHandlerLogLine(line)
  if (entry === null) return
  try {
    onLine(entry)
  } catch (cause) {
    // Of one line that cannot be counted, those behind it must not be lost.
    log.warn({ line: entry.msg, reason: messageOf(cause) }, 'handler log line not understood')
  }
}

/** What a file is known by: its first line, which begins with a time. `null` until that is there. */
async function fingerprintOf(opened: FileHandle): Promise<string | null> {
  const { bytesRead, buffer } = await opened.read(Buffer.alloc(FINGERPRINT_BYTES), 0, FINGERPRINT_BYTES, 0)
  const end = buffer.subarray(0, bytesRead).indexOf('\n')
  if (end === -1 && bytesRead < FINGERPRINT_BYTES) return null
  const begin = buffer.subarray(0, end === -1 ? FINGERPRINT_BYTES : end)
  return createHash('sha256').update(begin).digest('hex').slice(0, 32)
}

async function rotateLonger(files: readonly string[], bytes: number): Promise<void> {
  const current = files.at(-1)
  if (current === undefined || files.length === 1 || (await sizeOf(current)) <= bytes) return
  for (const [index, older] of files.slice(0, -1).entries())
    await rename(files[index + 1] ?? current, older).catch(orIfMissing(undefined))
}

async function sizeOf(file: string): Promise<number> {
  await using opened = await openIfThere(file)
  return opened === null ? 0 : (await opened.stat()).size
}

async function openIfThere(file: string): Promise<FileHandle | null> {
  return open(file, 'r').catch(orIfMissing(null))
}

async function readPositions(file: string): Promise<Positions> {
  // Nothing was read yet, or it is unknown what: rather twice than never.
  const found = fieldsIn(await readFile(file, 'utf8').catch(() => ''))
  return Object.fromEntries(Object.entries(found ?? {}).filter(isPosition))
}

function isPosition(entry: [string, unknown]): entry is [string, number] {
  return Number.isSafeInteger(entry[1]) && Number(entry[1]) >= 0
}

async function keepPositions(file: string, positions: Positions, log: Logger): Promise<void> {
  try {
    await writeAtomic(file, JSON.stringify(positions))
  } catch (cause) {
    // As long as we live we know them.
    log.warn({ file, reason: messageOf(cause) }, 'position in the handler log not kept')
  }
}
