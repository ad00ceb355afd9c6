import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { countedCode } from './counted-code.ts'

/** 64 KiB each. 18 are its own; the longest name it makes takes half of the rest. */
const MOST_PAGES = 40

/**
 * The WebAssembly of the demangler, from its package, with limits; build/demangler-code.ts puts it into a bundle.
 * Throws if the package is of another version than package.json names.
 */
export function demanglerCode(): Buffer {
  const code = readFileSync(createRequire(import.meta.url).resolve('gecko-profiler-demangle/index_bg.wasm'))
  return countedCode(code, MOST_PAGES)
}
