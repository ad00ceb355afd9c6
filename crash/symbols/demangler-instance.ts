import { STEPS_LEFT } from './counted-code.ts'

/**
 * A mangled name to that which was written. Throws where memory or `mostSteps` do not suffice, and must not be used
 * again then.
 */
export type Demangle = (name: string) => string

// TypeScript knows of WebAssembly in browsers only.
declare const WebAssembly: {
  Module: new (code: Uint8Array) => object
  Instance: new (module: object, imports: object) => { readonly exports: unknown }
}

/** What wasm-bindgen gives to JavaScript, and {@link STEPS_LEFT}. */
interface Exports {
  readonly [STEPS_LEFT]: { value: number }
  readonly memory: { readonly buffer: ArrayBuffer }
  demangle_any(at: number, lengthBytes: number): readonly [at: number, lengthBytes: number]
  __wbindgen_malloc(lengthBytes: number, alignment: number): number
  __wbindgen_free(at: number, lengthBytes: number, alignment: number): void
}

/** `code`: of demanglerCode(). */
export function compile(code: Buffer): object {
  return new WebAssembly.Module(code)
}

/** `cpp_demangle` and `rustc-demangle`, as the package `gecko-profiler-demangle` has them in WebAssembly. */
export function instantiate(module: object, mostSteps: number): Demangle {
  // No value of JavaScript is handed over, so the table for them stays empty.
  const imports = { './index_bg.js': { __wbindgen_init_externref_table: () => undefined } }
  const wasm = new WebAssembly.Instance(module, imports).exports as Exports
  return name => {
    wasm[STEPS_LEFT].value = mostSteps
    const bytes = Buffer.from(name)
    const at = wasm.__wbindgen_malloc(bytes.length, 1) >>> 0
    bytes.copy(Buffer.from(wasm.memory.buffer), at)
    const [resultAt, lengthBytes] = wasm.demangle_any(at, bytes.length)
    const result = Buffer.from(wasm.memory.buffer, resultAt >>> 0, lengthBytes >>> 0).toString()
    wasm.__wbindgen_free(resultAt, lengthBytes, 1)
    return result
  }
}
