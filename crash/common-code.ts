/**
 * Libraries and interpreters in which unlike bugs end at one address: a bad pointer that is given to
 * `strlen`, an abort of process 1 (a `hlt` in libc), memory that was freed twice, a line of a script. By the
 * file's name without versions.
 */
const COMMON: readonly RegExp[] = [
  // glibc and musl, up to 2.33 with the version in the name, and what was part of it before 2.34.
  /^(?:libc|libpthread|libm|libdl|librt|libresolv|ld|ld-linux[-\w]*|ld-musl[-\w]*|ld64|libc\.musl[-\w]*)$/,
  // What compilers bring along.
  /^lib(?:stdc\+\+|gcc_s|c\+\+|c\+\+abi|unwind[-\w]*|gomp|atomic|[ahltm]?w?asan|tsan|ubsan|msan|lsan|clang_rt[-.\w]*)$/,
  // Memory allocators that people preload.
  /^lib(?:jemalloc|tcmalloc\w*|mimalloc[-\w]*|snmalloc[-\w]*|hoard)$/,
  // Java, .NET, Erlang; interpreters, as programs and as libraries.
  /^(?:java|libjvm|libjli|libjava|libjimage|libverify|libj9\w*|libcoreclr|libclrjit|libmono[-\w]*|mono[-\w]*|dotnet|beam(?:\.\w+)*)$/,
  /^(?:lib)?(?:node|nodejs|v8\w*|python\w*|pypy\w*|ruby|perl|php[-\w]*|lua\w*|guile[-\w]*|deno|bun|bash|dash|busybox|R)$/,
  // By which interpreters call a function that is not known before: Python's ctypes and cffi.
  /^(?:libffi|(?:_ctypes|_cffi_backend)(?:\.[-\w]+)?)$/,
]

// NAME_MAX. A forged core file may say more.
const LONGEST_NAME = 255

/** Whether the mapped file `path` holds code that every program calls. */
export function isCommonCode(path: string): boolean {
  const name = plainModuleName(path)
  return name.length <= LONGEST_NAME && COMMON.some(pattern => pattern.test(name))
}

/** The name of a program or library without its folder and versions: `libc` for `/lib/libc-2.31.so`. */
export function plainModuleName(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1)
  if (name.length > LONGEST_NAME) return name
  return name.replace(/\.so(?:\.[0-9][.0-9]*)?$/, '').replace(/-?[0-9][.0-9]*$/, '')
}
