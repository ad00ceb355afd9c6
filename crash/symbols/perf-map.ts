import type { FileBytes } from '../image/file-bytes.ts'

/** A just-in-time compiler appends to it for as long as the program runs. Its end is what counts. */
const MOST_BYTES = 64 << 20
const BYTES_AT_ONCE = 1 << 20
/** A line of usual makers has 60 bytes and more. */
const MOST_LINES = 2 << 20
const LONGEST_NAME_BYTES = 1024
const [LINE_FEED, SPACE] = [0x0a, 0x20]

/**
 * What the file /tmp/perf-PID.map calls the code at `addresses`: lines of start, size and name, the numbers in
 * hexadecimal. Code is moved and its place is used again, so of lines that have an address the last one counts:
 * it is read from its end, and no further than it has to be.
 */
export function namesInPerfMap(file: FileBytes, addresses: readonly bigint[]): ReadonlyMap<bigint, Buffer> {
  const wanted = new Wanted(addresses)
  const first = Math.max(0, file.sizeBytes - MOST_BYTES)
  for (let end = file.sizeBytes; end > first && !wanted.isOver; ) {
    const start = Math.max(first, end - BYTES_AT_ONCE)
    const bytes = file.read(start, end - start)
    if (bytes === null) break
    const from = start === 0 ? 0 : bytes.indexOf(LINE_FEED) + 1
    // A line that is longer than all of that is none.
    const isWithin = from < bytes.length && (from > 0 || start === 0)
    if (isWithin) takeLines(bytes.subarray(from), wanted)
    end = isWithin ? start + from : start
  }
  return wanted.names
}

/** The last line first. One without a line feed was being written. */
function takeLines(bytes: Buffer, wanted: Wanted): void {
  for (let end = bytes.lastIndexOf(LINE_FEED); end !== -1 && !wanted.isOver; ) {
    wanted.linesLeft -= 1
    const before = end === 0 ? -1 : bytes.lastIndexOf(LINE_FEED, end - 1)
    takeLine(bytes, before + 1, end, wanted)
    end = before
  }
}

function takeLine(bytes: Buffer, from: number, end: number, wanted: Wanted): void {
  const start = hexadecimalAt(bytes, from)
  if (bytes[start.end] !== SPACE) return
  const size = hexadecimalAt(bytes, start.end + 1)
  if (bytes[size.end] !== SPACE) return
  const name = size.end + 1
  wanted.take(start.value, size.value, () =>
    Buffer.from(bytes.subarray(name, Math.min(end, name + LONGEST_NAME_BYTES))),
  )
}

/** Addresses of programs are below 2^53, where numbers are exact. The JVM writes `0x` before them. */
function hexadecimalAt(bytes: Buffer, from: number): { readonly value: number; readonly end: number } {
  let [value, end] = [0, bytes[from + 1] === 0x78 ? from + 2 : from]
  const most = end + 16
  for (let digit = digitOf(bytes[end]); digit !== null && end < most; digit = digitOf(bytes[++end]))
    value = value * 16 + digit
  return { value, end }
}

function digitOf(byte: number | undefined): number | null {
  if (byte === undefined) return null
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30
  const letter = byte | 0x20
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : null
}

/** Addresses that have no name yet, and how far they are looked for. */
class Wanted {
  readonly names = new Map<bigint, Buffer>()
  linesLeft = MOST_LINES
  readonly #sorted: number[]

  constructor(addresses: readonly bigint[]) {
    const exact = addresses.filter(address => address <= BigInt(Number.MAX_SAFE_INTEGER))
    this.#sorted = [...new Set(exact)].map(Number).sort((a, b) => a - b)
  }

  get isOver(): boolean {
    return this.#sorted.length === 0 || this.linesLeft <= 0
  }

  take(start: number, sizeBytes: number, nameOf: () => Buffer): void {
    const from = this.#firstFrom(start)
    const to = this.#firstFrom(start + sizeBytes)
    if (from >= to) return
    const name = nameOf()
    for (const address of this.#sorted.splice(from, to - from)) this.names.set(BigInt(address), name)
  }

  #firstFrom(address: number): number {
    let [low, high] = [0, this.#sorted.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#sorted[middle] ?? 0) >= address) high = middle
      else low = middle + 1
    }
    return low
  }
}
