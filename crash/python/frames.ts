import type { Memory } from '../image/memory.ts'
import { type Code, codeAt } from './code-object.ts'
import { extentOf } from './extent.ts'
import type { Python } from './interpreter.ts'

/** A call of Python code, as far as it is known. */
export interface PythonFrame {
  /** With the class or function that it is in: `Basket.total`. */
  readonly function?: string
  /** As the interpreter has it, from a folder that it may have left. */
  readonly file?: string
  readonly line?: number
}

const MOST_FRAMES = 64
const MOST_STEPS = 256

/**
 * Of a thread, the innermost first: a chain in the interpreter's own memory, which may be damaged. It is followed as
 * far as each link is one.
 */
export function pythonFrames(memory: Memory, python: Python): readonly PythonFrame[] {
  const frames: PythonFrame[] = []
  const [seen, known] = [new Set<bigint>(), new Map<bigint, ReturnType<typeof codeAt>>()]
  let at = innermost(memory, python)
  while (at !== 0n && !seen.has(at) && seen.size < MOST_STEPS && frames.length < MOST_FRAMES) {
    seen.add(at)
    const link = linkAt(memory, at, python)
    if (link === null) break
    at = link.previous
    if (link.isOfC) continue
    const code = known.get(link.code) ?? codeAt(memory, link.code, python)
    if (code === 'none') break
    known.set(link.code, code)
    const frame = code === null ? {} : frameOf(code, link.instruction)
    if (Object.keys(frame).length > 0) frames.push(frame)
  }
  return frames
}

/** 0: there is none, or several interpreters were running something, and nothing tells which one called the other. */
function innermost(memory: Memory, { threads, layout }: Python): bigint {
  const running = threads.map(thread => layout.thread.frameAt.reduce(pointed(memory), thread))
  const [frame = 0n, ...others] = running.filter(at => at !== 0n)
  return others.length === 0 ? frame : 0n
}

function pointed(memory: Memory): (base: bigint, at: number) => bigint {
  return (base, at) => (base === 0n ? 0n : (memory.read(base + BigInt(at), 8)?.readBigUInt64LE() ?? 0n))
}

interface Link {
  readonly previous: bigint
  readonly code: bigint
  readonly instruction: bigint
  /** It stands for a call from C, and runs nothing. */
  readonly isOfC: boolean
}

/** enum _frameowner: by a thread, a generator or a frame's object; then by C, or by the interpreter itself. */
const [LAST_OF_CODE, LAST_OF_ALL] = [2, 4]

/** Since 3.14 the lowest bits of a reference say how it is counted (_PyStackRef); objects lie at multiples of 8. */
const TAG = 7n

/** `null`: it is not at hand, or no frame. */
function linkAt(memory: Memory, address: bigint, { layout }: Python): Link | null {
  const { previousAt, codeAt, instructionAt, ownerAt } = layout.frame
  const bytes = memory.read(address, extentOf(layout.frame))
  const owner = bytes?.readUInt8(ownerAt) ?? 0
  if (bytes === null || owner > LAST_OF_ALL) return null
  return {
    previous: bytes.readBigUInt64LE(previousAt),
    code: bytes.readBigUInt64LE(codeAt) & ~TAG,
    instruction: bytes.readBigUInt64LE(instructionAt),
    isOfC: owner > LAST_OF_CODE,
  }
}

function frameOf({ file, name, lineAt }: Code, instruction: bigint): PythonFrame {
  const line = lineAt(instruction)
  return {
    ...(name !== null && { function: name }),
    ...(file !== null && { file }),
    ...(line !== null && { line }),
  }
}
