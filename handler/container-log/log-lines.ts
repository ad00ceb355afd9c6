import type { LogLine } from '../../crash/log-text.ts'
import { shownText } from '../../untrusted/shown-text.ts'
import { type LogRecord, logRecordIn } from './log-record.ts'

const LINE_FEED = 0x0a
/** By which programs colour what they write to a terminal. */
const STYLE = new RegExp(`${String.fromCharCode(0x1b)}\\[[\\d;:]{0,64}m`, 'g')

/** The end of a file. */
export interface Tail {
  readonly bytes: Buffer
  /** Whether it is all of the file. */
  readonly isWhole: boolean
}

/**
 * The lines in the tail of a container's log, in the order in which they ended. A line of which the beginning is not
 * there is left out: it may begin in the middle of a secret, which half of it does not tell.
 */
export function logLinesOf({ bytes, isWhole }: Tail): readonly LogLine[] {
  const lines: LogLine[] = []
  const pieces = { stdout: new Pieces(isWhole), stderr: new Pieces(isWhole) }
  for (const record of recordsIn(isWhole ? bytes : fromNextLine(bytes))) {
    const line = pieces[record.stream].add(record)
    if (line !== null) lines.push(line)
  }
  const open = [pieces.stdout.rest(), pieces.stderr.rest()].filter(line => line !== null)
  return [...lines, ...open]
}

function fromNextLine(bytes: Buffer): Buffer {
  const end = bytes.indexOf(LINE_FEED)
  return bytes.subarray(end === -1 ? bytes.length : end + 1)
}

function* recordsIn(bytes: Buffer): Generator<LogRecord> {
  for (let at = 0; at < bytes.length; ) {
    const end = bytes.indexOf(LINE_FEED, at)
    const record = logRecordIn(bytes.subarray(at, end === -1 ? bytes.length : end))
    if (record !== null) yield record
    at = end === -1 ? bytes.length : end + 1
  }
}

/** A line of one stream as it comes together. A character may be divided between two pieces. */
class Pieces {
  #records: LogRecord[] = []
  /** Whether the first piece is the beginning of a line. */
  #isBegun: boolean

  constructor(isBegun: boolean) {
    this.#isBegun = isBegun
  }

  /** The line, if it ends with this one. */
  add(record: LogRecord): LogLine | null {
    this.#records.push(record)
    if (!record.isEnd) return null
    const line = this.rest()
    this.#isBegun = true
    return line
  }

  rest(): LogLine | null {
    const [first] = this.#records
    const bytes = Buffer.concat(this.#records.map(record => record.bytes))
    this.#records = []
    if (first === undefined || !this.#isBegun) return null
    return { time: first.time, stream: first.stream, text: shownText(bytes).replace(STYLE, '') }
  }
}
