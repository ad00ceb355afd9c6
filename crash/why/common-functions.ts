import { plainName } from './plain-name.ts'

/** Strings and memory, of which libc chooses one for the processor: __memmove_avx_unaligned_erms. */
const FOR_PROCESSORS: readonly RegExp[] = [
  /^(?:__GI_)?_{0,2}(?:raw)?w?mem(?:p?cpy|move|set|r?chr|r?cmp|cmpeq|mem)(?:_(?:chk|sse|avx|evex|erms|generic|unaligned|ssse|asimd|sve|falkor|thunderx|oryon|a64fx|kunpeng|mops|zva|emag)\w*)?$/,
  /^(?:__GI_)?_{0,2}(?:str|wcs)(?:n?len|n?cpy|n?cat|n?cmp|n?casecmp|r?chr|chrnul|str|spn|cspn|pbrk|n?dup|tok|tok_r)(?:_(?:chk|sse|avx|evex|generic|unaligned|ssse|asimd|sve|mte|falkor|thunderx)\w*)?$/,
]

/**
 * Functions of no program's own, by their plain names, where they are linked into the program: what gives up,
 * what begins a thread, and the standard libraries of C++ and Rust.
 */
const COMMON: readonly RegExp[] = [
  ...FOR_PROCESSORS,
  // libc, as in programs that are linked with it: what gives up, and what checks and begins.
  /^(?:__GI_)?_{0,2}(?:abort|raise|gsignal|kill|tgkill|pthread_kill|syscall|assert|libc_fatal|assert_(?:perror_)?fail(?:_base)?)$/,
  /^__(?:pthread_kill_(?:implementation|internal)|libc_message(?:_impl|_wrapper)?|stack_chk_fail(?:_local)?|fortify_fail(?:_abort)?|chk_fail|restore_rt|kernel_rt_sigreturn)$/,
  /^(?:_start|_start_c|__libc_start_(?:main|call_main|main_impl|main_stage2)|libc_start_main_stage2|start_thread|start|_?_?clone3?|a_crash|__(?:restore|block_(?:all|app))_sigs)$/,
  // Its memory: many bugs end there.
  /^(?:__GI_)?_{0,2}(?:libc_)?(?:malloc|calloc|realloc|free|cfree|memalign|posix_memalign|aligned_alloc)$/,
  /^(?:_int_(?:free|malloc|realloc|memalign)\w*|malloc_(?:printerr|consolidate)|unlink_chunk|sysmalloc|tcache_\w+|_mid_memalign)$/,
  /^(?:__GI_)?_{0,2}(?:v?(?:f|s|sn|as|d)?printf(?:_chk|_internal)?|qsort(?:_r)?|bsearch|msort_with_tmp|quicksort)$/,
  // C++: the library, exceptions, sanitizers.
  /^(?:std|__gnu_cxx|__cxxabiv1|__gnu_debug|__sanitizer|__asan|__ubsan|__tsan|__msan|__lsan)::/,
  /^(?:__cxa_\w+|_Unwind_\w+|__gxx_personality\w*|__clang_call_terminate|execute_native_thread_routine|operator_(?:new|delete)(?:\{array\})?)$/,
  /^(?:__(?:asan|ubsan|tsan|msan|lsan|sanitizer|interceptor|interception)_\w+|_FUN)$|::_FUN$/,
  // Rust: the library, its hash maps, panics.
  /^(?:core|alloc|hashbrown|panic_abort|panic_unwind|__rustc|std_detect)::/,
  // Of a type of the library, of any type, or of one that is built in: no other crate may implement those.
  /^\{[&*]?(?:mut |const |dyn )?(?:(?:core|std|alloc|hashbrown)::|(?:[A-Z]\w{0,9}|[iuf](?:\d+|size)|bool|char|str)? as (?:core|std|alloc)::)/,
  /^(?:rust_begin_unwind|rust_panic|rust_eh_personality|__rust_\w+|__rdl_\w+|__rg_\w+)$/,
]

/** Go's runtime: it raises panics, runs goroutines, and calls C. */
const GO_RUNTIME = /^(?:runtime[./]|internal\/|_rt0_|crosscall|x_cgo_|_cgo_|cgocall)/
/** Packages that come with Go; a program's own begin with `main`, its module or a host. */
const GO_LIBRARY =
  /^(?:archive|bufio|bytes|cmp|compress|container|context|crypto|database|debug|embed|encoding|errors|expvar|flag|fmt|go|hash|html|image|index|io|iter|log|maps|math|mime|net|os|path|plugin|reflect|regexp|slices|sort|strconv|strings|structs|sync|syscall|testing|text|time|unicode|unique|unsafe|vendor|weak)[./]/

/** Whether a function is of no program's own. */
export function isCommonFunction(name: string): boolean {
  const plain = plainName(name)
  return COMMON.some(pattern => pattern.test(plain))
}

/** What a common function is called on all processors and by all builds; empty: that cannot be said. */
export function calledName(name: string): string {
  const plain = plainName(name)
  if (FOR_PROCESSORS.some(pattern => pattern.test(plain))) return ''
  return plain.replace(/^(?:__GI_)?_{0,2}(?:libc_)?/, '')
}

/** Whether a program that has such a function is of Go. */
export function isOfGo(name: string): boolean {
  return /^runtime\.[\w(]/.test(name)
}

/** Whether a function of a Go program is of its runtime. */
export function isGoRuntime(name: string): boolean {
  return GO_RUNTIME.test(name)
}

/** Whether it is of the packages that come with Go. */
export function isGoLibrary(name: string): boolean {
  return GO_LIBRARY.test(name) || isGoRuntime(name)
}
