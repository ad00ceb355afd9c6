/** What the JVM writes into hs_err_pid….log before it gives up. */
export interface JvmError {
  /** Of the process that it is of, as it knows itself. */
  readonly pid: number
  /** `null`: JDK 8 has an address there. */
  readonly threadId: number | null
  /** What the JVM said that a signal does not say: `fatal error: OutOfMemory encountered: Java heap space`. */
  readonly words: string | null
  /** The methods of Java that the thread was in, the innermost first: `com.example.Cart.total`. */
  readonly methods: readonly string[]
}

const MOST_METHODS = 64
const LONGEST_METHOD = 512
const LONGEST_WORDS = 1000
const MOST_LINES = 20_000

/** `text` is its beginning. `null`: it is none. */
export function parseJvmError(text: string): JvmError | null {
  const lines = text.split('\n', MOST_LINES)
  const at = lines.findIndex(line => HEADER.test(line))
  const [, kind = '', pid, threadId] = HEADER.exec(lines[at] ?? '') ?? []
  if (at === -1) return null
  const words = kind.startsWith('SIG') ? null : wordsBehind(lines.slice(at + 1))
  return { pid: Number(pid), threadId: threadIdOf(threadId), words, methods: methodsIn(lines) }
}

/** `#  SIGSEGV (0xb) at pc=0x00007f46988d27f4, pid=1, tid=7`, `#  Internal Error (debug.cpp:362), pid=1, tid=7` */
const HEADER = /^# {2}([A-Z][^\n]{0,200}), pid=(\d{1,10}), tid=(\d{1,20}|0x[0-9a-f]{1,16})$/

/** PID_MAX_LIMIT of Linux. */
const LARGEST_ID = 1 << 22

function threadIdOf(text = ''): number | null {
  const id = Number(text)
  return id > 0 && id <= LARGEST_ID ? id : null
}

/** Up to a line that says nothing. */
function wordsBehind(lines: readonly string[]): string | null {
  const end = lines.findIndex(line => !/^# {1,2}\S/.test(line))
  const said = lines.slice(0, Math.max(end, 0)).map(line => line.slice(1).trim())
  return said.join(' ').slice(0, LONGEST_WORDS) || null
}

/** Java's alone have a section of their own, but for a thread that was in compiled code itself. */
function methodsIn(lines: readonly string[]): readonly string[] {
  const [ofJava, ofAll] = ['Java frames:', 'Native frames:'].map(title => behind(lines, title))
  return ofJava?.length ? ofJava : (ofAll ?? [])
}

function behind(lines: readonly string[], title: string): readonly string[] {
  const from = lines.findIndex(line => line.startsWith(title)) + 1
  if (from === 0) return []
  const end = lines.indexOf('', from)
  return lines
    .slice(from, end === -1 ? lines.length : end)
    .flatMap(line => METHOD.exec(line.slice(0, LONGEST_LINE))?.[1] ?? [])
    .slice(0, MOST_METHODS)
}

const LONGEST_LINE = 4096
/** `j  Cart.total(I)I+8`, and compiled: `J 123% c2 Cart.total(I)I java.base@17.0.15 (12 bytes) @ 0x…` */
const METHOD = new RegExp(`^(?:j  |J {1,3}\\d{1,9}%? {1,3}(?:c[12] )?)([^\\s(]{1,${LONGEST_METHOD}})\\(`)
