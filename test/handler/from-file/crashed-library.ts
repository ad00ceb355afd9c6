import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { TestContext } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { temporaryFolder } from '../../fakes/core-file.ts'
import { elfCore } from '../../fakes/elf-core.ts'

const LIBRARY = path.resolve(import.meta.dirname, '../../fixtures/symbols/functions-x86_64.so.gz')
const PATH = '/opt/app/functions.so'
const [START, CODE_END, WRITTEN] = [0x7f00_0000_0000n, 0x7f00_0000_1000n, 0x7f00_0000_1000n]
const [STACK, STACK_BYTES] = [0x7ffe_0000_0000n, 8192]
/** In hidden(), where it reads by a pointer, and behind the call of it in versioned(). */
const [READS, CALLED] = [0x41fn, 0x429n]

/** A program that read a null pointer in the function `hidden`, called by `versioned`: its core, and its file. */
export function crashedLibrary(test: TestContext) {
  const root = temporaryFolder(test)
  const file = path.join(root, PATH)
  const library = gunzipSync(readFileSync(LIBRARY))
  mkdirSync(path.dirname(file), { recursive: true })
  writeFileSync(file, library)
  const stack = Buffer.alloc(STACK_BYTES)
  stack.writeBigUInt64LE(START + CALLED, 4096)
  const parts = {
    signal: { number: 11, code: 1, address: 0n },
    instruction: START + READS,
    stackPointers: [STACK + 4096n],
    entry: START,
    files: [
      { start: START, end: CODE_END, pages: 0n, path: PATH },
      { start: WRITTEN, end: WRITTEN + 0x2000n, pages: 0n, path: PATH },
    ],
    memory: [
      { address: START, bytes: library.subarray(0, 4096), flags: 5 },
      { address: WRITTEN, bytes: Buffer.alloc(8192), flags: 6 },
      { address: STACK, bytes: stack, flags: 6 },
    ],
  }
  return { root, file, library, parts, core: elfCore(parts) }
}
