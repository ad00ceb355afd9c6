import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

/** The WebAssembly of the demangler, from its package; build/demangler-code.ts puts it into a bundle. */
export function demanglerCode(): Buffer {
  return readFileSync(createRequire(import.meta.url).resolve('gecko-profiler-demangle/index_bg.wasm'))
}
