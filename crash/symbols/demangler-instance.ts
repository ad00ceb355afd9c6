/** A mangled name to that which was written. Throws where memory does not suffice, and must not be used again then. */
export type Demangle = (name: string) => string

// TypeScript knows of WebAssembly in browsers only.
declare const WebAssembly: {
  Module: new (code: Uint8Array) => object
  Instance: new (module: object, imports: object) => { readonly exports: unknown }
}

/** What wasm-bindgen gives to JavaScript. */
interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer }
  demangle_any(at: number, lengthBytes: number): readonly [at: number, lengthBytes: number]
  __wbindgen_malloc(lengthBytes: number, alignment: number): number
  __wbindgen_free(at: number, lengthBytes: number, alignment: number): void
}

/** 64 KiB each. 18 are its own; the longest name it makes takes half of the rest. */
const MOST_PAGES = 40

/** Throws if it is not that of the package's version that package.json names. */
export function compile(code: Buffer): object {
  return new WebAssembly.Module(withLimitedMemory(code))
}

/** `cpp_demangle` and `rustc-demangle`, as the package `gecko-profiler-demangle` has them in WebAssembly. */
export function instantiate(module: object): Demangle {
  // No value of JavaScript is handed over, so the table for them stays empty.
  const imports = { './index_bg.js': { __wbindgen_init_externref_table: () => undefined } }
  const wasm = new WebAssembly.Instance(module, imports).exports as Exports
  return name => {
    const bytes = Buffer.from(name)
    const at = wasm.__wbindgen_malloc(bytes.length, 1) >>> 0
    bytes.copy(Buffer.from(wasm.memory.buffer), at)
    const [resultAt, lengthBytes] = wasm.demangle_any(at, bytes.length)
    const result = Buffer.from(wasm.memory.buffer, resultAt >>> 0, lengthBytes >>> 0).toString()
    wasm.__wbindgen_free(resultAt, lengthBytes, 1)
    return result
  }
}

const HEADER_BYTES = 8
const MEMORY_SECTION = 5
const [WITHOUT_LIMIT, WITH_LIMIT] = [0, 1]

/** The module says how much memory it begins with, and not how much it may have. */
function withLimitedMemory(code: Buffer): Buffer {
  const at = sectionAt(code, MEMORY_SECTION)
  // Each of these numbers takes one byte: the section's length, how many memories, whether with a limit, pages.
  const [lengthBytes = 0, count = 0, kind, pages = 0] = code.subarray(at + 1)
  if (lengthBytes !== 3 || count !== 1 || kind !== WITHOUT_LIMIT)
    throw new Error('Cannot limit the memory of the demangler: it has another one than expected')
  const limited = Buffer.from([MEMORY_SECTION, lengthBytes + 1, count, WITH_LIMIT, pages, MOST_PAGES])
  return Buffer.concat([code.subarray(0, at), limited, code.subarray(at + 2 + lengthBytes)])
}

/** Sections begin with their number and their length, in LEB128. */
function sectionAt(code: Buffer, wanted: number): number {
  let at = HEADER_BYTES
  while (at < code.length && code[at] !== wanted) {
    let [lengthBytes, bits] = [0, 0]
    do {
      at += 1
      lengthBytes += (code[at]! & 0x7f) << bits
      bits += 7
    } while ((code[at]! & 0x80) !== 0)
    at += 1 + lengthBytes
  }
  return at
}
