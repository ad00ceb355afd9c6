import type { Memory } from '../image/memory.ts'
import { extentOf } from './extent.ts'
import type { Python } from './interpreter.ts'
import { lineIn } from './line-table.ts'
import { textAt } from './text.ts'

/** What a frame runs: a function, or a module's own code. */
export interface Code {
  readonly file: string | null
  readonly name: string | null
  /** The line of an instruction by where it lies in memory. */
  readonly lineAt: (instruction: bigint) => number | null
}

/** How many units of instructions there are: Py_SIZE of it. */
const UNIT_BYTES = 2n
const LARGEST_UNITS = 1n << 28n

/** `null`: it is not at hand; `'none'`: it is no code. */
export function codeAt(memory: Memory, address: bigint, python: Python): Code | 'none' | null {
  const { layout, types } = python
  const { code, bytes, typeAt } = layout
  const object = memory.read(address, extentOf({ ...code, ...bytes, typeAt }))
  if (object === null) return null
  const units = object.readBigUInt64LE(bytes.sizeAt)
  if (object.readBigUInt64LE(typeAt) !== types.code || units > LARGEST_UNITS) return 'none'
  const first = object.readInt32LE(code.firstLineAt)
  const begin = address + BigInt(code.instructionsAt)
  const table = tableAt(memory, object.readBigUInt64LE(code.linesAt), python)
  const text = (at: number) => textAt(memory, object.readBigUInt64LE(at), layout, types.text)
  return {
    file: text(code.fileAt),
    name: text(code.nameAt),
    lineAt(instruction) {
      // Before the first one has begun, releases before 3.13 have the one before it.
      if (instruction === begin - UNIT_BYTES && first > 0) return first
      const offset = instruction - begin
      if (table === null || offset < 0n || offset >= units * UNIT_BYTES) return null
      return lineIn(table, first, Number(offset))
    },
  }
}

const CHUNK_BYTES = 4096
/** Of a module of 10,000 lines. */
const LARGEST_BYTES = 16 * CHUNK_BYTES

/** As much of it as is at hand from its beginning on. */
function tableAt(memory: Memory, address: bigint, { layout, types }: Python): Buffer | null {
  const { sizeAt, contentAt } = layout.bytes
  const head = memory.read(address, extentOf({ sizeAt, contentAt, typeAt: layout.typeAt }))
  if (head === null || head.readBigUInt64LE(layout.typeAt) !== types.bytes) return null
  const sizeBytes = Math.min(Number(head.readBigUInt64LE(sizeAt)), LARGEST_BYTES)
  const chunks = Array.from({ length: Math.ceil(sizeBytes / CHUNK_BYTES) }, (_, index) => {
    const from = index * CHUNK_BYTES
    return memory.read(address + BigInt(contentAt + from), Math.min(CHUNK_BYTES, sizeBytes - from))
  })
  const missing = chunks.indexOf(null)
  return Buffer.concat(
    chunks.slice(0, missing === -1 ? chunks.length : missing).filter(chunk => chunk !== null),
  )
}
