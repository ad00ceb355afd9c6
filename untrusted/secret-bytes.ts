import { isUtf8 } from 'node:buffer'
import { encodedForms } from './encoded-forms.ts'

/** A shorter one may be any word. */
const SHORTEST_BYTES = 8
/** A longer one is looked for in pieces: of what spans two blocks of memory, so much is looked at twice. */
const LONGEST_BYTES = 4096
/** A key in several lines is read a line at a time. */
const SHORTEST_LINE_BYTES = 16
const [MOST_VALUES, MOST_PATTERNS, MOST_BYTES] = [512, 2048, 2 << 20]
/** Of the names of files. */
const MOST_NAME_CHARACTERS = 256 * 1024

/** What known secrets are in memory. */
export interface SecretBytes {
  /** Each of 8 to 4096 bytes; the first and the last are not zero, and not all of them are the same. */
  readonly patterns: readonly Buffer[]
  /** Whether there were more values than are looked for. */
  readonly isCut: boolean
}

/**
 * Of `values`, what is long enough to be told from other bytes: whole, a line each, and both in UTF-16LE and, as far as
 * there is room, encoded. None that is a part of one of `names`, of files that a debugger looks for: `postgres` is a
 * password, too.
 */
export function secretBytes(values: Iterable<Buffer>, names: Iterable<string>): SecretBytes {
  const wholes = distinct([...values].map(bytes => trimmed(bytes.toString('latin1'))).filter(isLong))
  const kept = wholes.slice(0, MOST_VALUES)
  // A key has some thirty lines; what has the most of them has as many as are looked for at all.
  const lines = kept.map(linesOf).toSorted((a, b) => a.length - b.length)
  const known = namesJoined(names)
  const parts = distinct([...kept, ...lines.flat()])
    .slice(0, 2 * MOST_VALUES)
    .filter(part => !isMonotonous(part) && !known.includes(part))
  const pieces = parts.map(part => Buffer.from(part, 'latin1')).flatMap(piecesOf)
  const encoded = parts.flatMap(encodedOf).filter(form => !known.includes(form.toString('latin1')))
  const all = within(MOST_BYTES, [...pieces, ...parts.flatMap(wideOf), ...encoded])
  return {
    patterns: all.slice(0, MOST_PATTERNS),
    isCut: kept.length < wholes.length || pieces.length > Math.min(all.length, MOST_PATTERNS),
  }
}

function namesJoined(names: Iterable<string>): string {
  const bytes = [...new Set(names)].join('\n').slice(0, MOST_NAME_CHARACTERS)
  return Buffer.from(bytes).toString('latin1')
}

function isLong({ length }: string): boolean {
  return length >= SHORTEST_BYTES
}

function distinct(parts: readonly string[]): readonly string[] {
  return [...new Set(parts)]
}

function linesOf(value: string): readonly string[] {
  const lines = value.split('\n', MOST_VALUES).map(trimmed)
  return lines.length === 1 ? [] : lines.filter(line => line.length >= SHORTEST_LINE_BYTES)
}

/** A character a byte. No regular expression: of many spaces it would try each. */
function trimmed(bytes: string): string {
  let [from, to] = [0, bytes.length]
  while (from < to && isBlank(bytes.charCodeAt(from))) from += 1
  while (to > from && isBlank(bytes.charCodeAt(to - 1))) to -= 1
  return bytes.slice(from, to)
}

function isBlank(byte: number): boolean {
  return byte === 0 || byte === 0x20 || (byte >= 0x09 && byte <= 0x0d)
}

/** Memory is full of those. */
function isMonotonous(part: string): boolean {
  return part === part.charAt(0).repeat(part.length)
}

/** The last one has the bytes before it as well, where there are too few left. */
function piecesOf(bytes: Buffer): readonly Buffer[] {
  const pieces: Buffer[] = []
  for (let at = 0; at < bytes.length; at += LONGEST_BYTES) {
    const end = Math.min(bytes.length, at + LONGEST_BYTES)
    pieces.push(bytes.subarray(Math.min(at, end - SHORTEST_BYTES), end))
  }
  return pieces.filter(piece => !isMonotonous(piece.toString('latin1')))
}

/** Without the last byte where that is zero, as in most languages. */
function wideOf(part: string): readonly Buffer[] {
  const bytes = Buffer.from(part, 'latin1')
  if (!isUtf8(bytes)) return []
  const wide = Buffer.from(bytes.toString('utf8'), 'utf16le')
  return piecesOf(wide.at(-1) === 0 ? wide.subarray(0, -1) : wide)
}

function encodedOf(part: string): readonly Buffer[] {
  return encodedForms(Buffer.from(part, 'latin1')).flatMap(form => piecesOf(Buffer.from(form)))
}

function within(mostBytes: number, pieces: readonly Buffer[]): readonly Buffer[] {
  let left = mostBytes
  const end = pieces.findIndex(({ length }) => {
    left -= length
    return left < 0
  })
  return end === -1 ? pieces : pieces.slice(0, end)
}
