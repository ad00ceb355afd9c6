import { clip, plain } from '../../untrusted/plain-text.ts'
import { shownText } from '../../untrusted/shown-text.ts'
import type { Memory } from '../image/memory.ts'

const MOST_THREADS = 64
const LONGEST_BYTES = 1024

/**
 * What a Go program of x86-64 panicked with: the value that the innermost panic of a running goroutine has. Of an
 * error, too, the runtime has put its text there before it prints it (preprintpanics, runtime/panic.go). `null`:
 * none of the threads was in a panic, or its value is no text.
 *
 * @param threadPointers fs_base of the threads, the crashing one first.
 */
export function goPanic(memory: Memory, threadPointers: readonly bigint[]): string | null {
  for (const pointer of threadPointers.slice(0, MOST_THREADS)) {
    const text = panicOf(memory, pointer)
    if (text !== null) return text
  }
  return null
}

/**
 * The linker knows these of struct g, so they stay: it stands before the thread pointer, begins with where its
 * stack is, and has its panics behind two limits of that.
 */
const GOROUTINE_BEFORE = 8n
const PANICS_AT = 32n
const LARGEST_STACK_BYTES = 1n << 30n
/** The value's place in struct _panic: the first since Go 1.26, before that behind the arguments' address. */
const VALUES_AT = [0n, 8n]

function panicOf(memory: Memory, threadPointer: bigint): string | null {
  const goroutine = wordAt(memory, threadPointer - GOROUTINE_BEFORE)
  const stack = goroutine === 0n ? null : memory.read(goroutine, 16)
  if (stack === null) return null
  const stackBytes = stack.readBigUInt64LE(8) - stack.readBigUInt64LE(0)
  const panic = wordAt(memory, goroutine + PANICS_AT)
  if (stackBytes <= 0n || stackBytes > LARGEST_STACK_BYTES || panic === 0n) return null
  for (const at of VALUES_AT) {
    const text = textIn(memory, panic + at)
    if (text !== null) return text
  }
  return null
}

/** internal/abi.Type: size, how much of it has pointers, and behind hash and alignments the kind. */
const STRING_BYTES = 16n
const KIND_AT = 23
const KIND_MASK = 31
const STRING_KIND = 24

/** An interface is a type and a pointer to the value; a string is a pointer to its bytes and their count. */
function textIn(memory: Memory, interfaceAt: bigint): string | null {
  const type = memory.read(wordAt(memory, interfaceAt), KIND_AT + 1)
  if (type === null || type.readBigUInt64LE(0) !== STRING_BYTES || type.readBigUInt64LE(8) !== 8n) return null
  if ((type.readUInt8(KIND_AT) & KIND_MASK) !== STRING_KIND) return null
  const value = memory.read(wordAt(memory, interfaceAt + 8n), 16)
  if (value === null) return null
  const [pointer, length] = [value.readBigUInt64LE(0), value.readBigUInt64LE(8)]
  if (length === 0n || length >= 1n << 32n) return null
  const bytes = memory.read(pointer, Math.min(Number(length), LONGEST_BYTES))
  return bytes === null ? null : shown(bytes, Number(length) > LONGEST_BYTES)
}

function shown(bytes: Buffer, goesOn: boolean): string {
  const text = plain(shownText(bytes), LONGEST_BYTES)
  return goesOn ? clip(`${text}…`, LONGEST_BYTES) : text
}

function wordAt(memory: Memory, address: bigint): bigint {
  return memory.read(address, 8)?.readBigUInt64LE() ?? 0n
}
