import type { LogLine } from '../../crash/log-text.ts'

/** How what a runtime says before it gives up begins. Each looks at a bounded beginning of a line, once. */
interface Words {
  readonly pattern: RegExp
  /** The line behind it belongs to it, if it is one of the runtime's, too: another thread may have written it. */
  readonly next?: RegExp
  /** All but the JVM write to stderr. */
  readonly stream?: 'stdout'
}

const FILE_AND_LINE = String.raw`[^\s:]{1,300}:\d{1,7}`

/** Of libc and of runtimes alone: what a program's own log says in other words is not for a chat. */
const WORDS: readonly Words[] = [
  // glibc, musl, bionic
  { pattern: /^[^:]{1,300}: .{1,600}: Assertion [`'].{1,1000}' failed\.$/ },
  { pattern: /^Assertion failed: .{1,1000} \([^()]{1,300}: .{1,300}: \d{1,7}\)$/ },
  { pattern: /^\*\*\* (?:stack smashing|buffer overflow) detected \*\*\*/ },
  { pattern: /^\*\*\* (?:%n in writable segment|longjmp causes|invalid %N\$ use) / },
  { pattern: /^double free or corruption \(/ },
  {
    pattern:
      /^(?:free|malloc|realloc|calloc|memalign|sysmalloc|munmap_chunk|mremap_chunk|malloc_consolidate|_int_free|tcache_thread_shutdown)\(\): \w/,
  },
  {
    pattern: /^(?:corrupted (?:size vs\. prev_size|double-linked list)|break adjusted to free malloc space)/,
  },
  { pattern: /^Fatal glibc error: / },
  { pattern: /^Inconsistency detected by ld\.so: / },
  // C++
  { pattern: /^terminate called (?:after throwing an instance of|without an active exception|recursively)/ },
  { pattern: /^ {2}what\(\): {1,2}/ },
  { pattern: /^(?:pure|deleted) virtual method called$/ },
  { pattern: /^libc\+\+abi: / },
  { pattern: new RegExp(String.raw`^${FILE_AND_LINE}: .{1,1000}: Assertion '.{1,600}' failed\.$`) },
  // Sanitizers
  { pattern: /^={2}\d{1,10}={1,2}ERROR: \w{1,32}Sanitizer/ },
  { pattern: /^={2}\d{1,10}={2} ?ERROR: libFuzzer: / },
  { pattern: /^SUMMARY: \w{1,32}Sanitizer: / },
  { pattern: new RegExp(String.raw`^${FILE_AND_LINE}(?::\d{1,7})?: runtime error: `) },
  // Go
  { pattern: /^panic: / },
  { pattern: /^fatal error: / },
  { pattern: /^runtime: (?:out of memory|goroutine stack exceeds|unexpected return pc)/ },
  // Rust
  { pattern: /^thread '.{1,200}' (?:\(\d{1,10}\) )?panicked at .{1,600}:\d{1,7}:\d{1,7}:$/, next: /^/ },
  { pattern: /^thread '.{1,200}' (?:\(\d{1,10}\) )?(?:panicked at |has overflowed its stack)/ },
  { pattern: /^fatal runtime error: / },
  { pattern: /^memory allocation of \d{1,20} bytes failed$/ },
  // Java
  { pattern: /^Exception in thread ".{0,200}" / },
  { pattern: /^(?:Aborting|Terminating) due to java\.lang\.OutOfMemoryError: / },
  { pattern: /^# A fatal error has been detected by the Java Runtime Environment:$/, stream: 'stdout' },
  { pattern: /^# {1,2}(?:SIG\w{1,8}|Internal Error|Out of Memory Error) \(/, stream: 'stdout' },
  {
    pattern: /^# There is insufficient memory for the Java Runtime Environment to continue\.$/,
    stream: 'stdout',
  },
  { pattern: /^# (?:\/[^\s/]{1,255}){0,32}\/hs_err_pid\d{1,10}\.log$/, stream: 'stdout' },
  { pattern: /^# Problematic frame:$/, next: /^# /, stream: 'stdout' },
  // V8 and Node
  { pattern: /^FATAL ERROR: / },
  // With --abort-on-uncaught-exception.
  { pattern: /^Uncaught \w{0,64}(?:Error|Exception): / },
  { pattern: /^# Fatal error in /, next: /^# / },
  // .NET, Python, Ruby, Erlang, jemalloc
  { pattern: /^Unhandled exception\. / },
  { pattern: /^(?:Process terminated\. |Fatal error\. )/ },
  { pattern: /^Fatal Python error: / },
  { pattern: /^(?:[^\s:]{1,300}:\d{1,7}: )?\[BUG\] / },
  { pattern: /^<jemalloc>: / },
]

const MOST_WORDS = 5
const LOOKED_AT = 2048
/** Before the crash: a dump of all threads, or of a map of memory, takes seconds. */
const FRESH_MILLISECONDS = 30_000

/** What a runtime, or libc, wrote at last before a crash: the last of such lines of `lines`. */
export function runtimeWordsIn(lines: readonly LogLine[], crashedAt: Date): readonly string[] {
  const fresh = lines.filter(({ time }) => Date.parse(time) >= crashedAt.getTime() - FRESH_MILLISECONDS)
  const said = new Set<string>()
  for (const stream of ['stdout', 'stderr'] as const)
    for (const text of wordsIn(fresh.filter(line => line.stream === stream))) said.add(text)
  return [...said].slice(-MOST_WORDS)
}

function* wordsIn(lines: readonly LogLine[]): Generator<string> {
  let next: RegExp | undefined
  for (const { stream, text } of lines) {
    const words = WORDS.find(
      ({ pattern, stream: its = 'stderr' }) => its === stream && pattern.test(text.slice(0, LOOKED_AT)),
    )
    if (words !== undefined || next?.test(text) === true) yield text
    next = words?.next
  }
}
