import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { brotliCompressSync } from 'node:zlib'
import type { Plugin } from 'esbuild'
import { demanglerCode } from '../crash/symbols/demangler-code.ts'

/** Puts the WebAssembly of the demangler into a bundle, which has no packages beside it. */
export const DEMANGLER_CODE: Plugin = {
  name: 'demangler code',
  setup: ({ onLoad }) =>
    onLoad({ filter: /\/crash\/symbols\/demangler-code\.ts$/ }, () => ({ contents: embedded() })),
}

function embedded(): string {
  const license = createRequire(import.meta.url).resolve('gecko-profiler-demangle/LICENSE-MIT')
  const code = brotliCompressSync(demanglerCode()).toString('base64')
  return `/*! gecko-profiler-demangle\n\n${readFileSync(license, 'utf8')}*/
import { brotliDecompressSync } from 'node:zlib'
export const demanglerCode = () => brotliDecompressSync(Buffer.from('${code}', 'base64'))`
}
