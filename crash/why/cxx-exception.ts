import { plain } from '../../untrusted/plain-text.ts'
import type { Memory } from '../image/memory.ts'
import { cTextAt } from './c-text.ts'
import { stackBytes } from './stack-bytes.ts'
import { type TypeInfo, typesAt } from './type-info.ts'

/** An exception of C++ that nothing caught. */
export interface CxxException {
  /** Of what type it was, as it was written: `std::runtime_error`. */
  readonly type: string
  /** What it says, where that can be read without running it. */
  readonly what?: string
}

/** From the stack pointer of std::terminate() to the exception's own frames it is less than 1 KiB. */
const LARGEST_STACK_BYTES = 16 * 1024
const MOST_POINTERS = 1024

/**
 * The exception that std::terminate() was called for, to be asked where that is among the frames: the stack of the crashing thread, from its stack pointer
 * on, still has the pointer that the library gave to the unwinder. It leads to a header that begins with the
 * name of the library, so that neither its symbols nor thread-local storage are needed, and a program that was
 * linked with it is no other. `null`: there is none, as where abort() was called without one.
 *
 * @param demangled How a symbol was written (crash/symbols).
 */
export function uncaughtException(
  memory: Memory,
  stackPointer: bigint,
  demangled: (symbol: string) => string,
): CxxException | null {
  for (const pointer of pointersOn(memory, stackPointer)) {
    const header = headerAt(memory, pointer)
    if (header === null) continue
    const types = [...typesAt(memory, header.type)]
    const [type] = types
    if (type === undefined) continue
    const what = whatOf(memory, header.object, types)
    return { type: writtenType(type.name, demangled), ...(what === null ? {} : { what }) }
  }
  return null
}

const LOWEST_ADDRESS = 0x1_0000n
const HIGHEST_ADDRESS = 1n << 56n

/** What on the stack may point to a header, which lies at a multiple of 16; each once, in its order. */
function pointersOn(memory: Memory, stackPointer: bigint): ReadonlySet<bigint> {
  const pointers = new Set<bigint>()
  const stack = stackBytes(memory, stackPointer, LARGEST_STACK_BYTES)
  for (let at = 0; at + 8 <= stack.length && pointers.size < MOST_POINTERS; at += 8) {
    const word = stack.readBigUInt64LE(at)
    if (word % 16n === 0n && word >= LOWEST_ADDRESS && word < HIGHEST_ADDRESS) pointers.add(word)
  }
  return pointers
}

/** exception_class of GCC's library, of an exception that is thrown again by a pointer to it, and of LLVM's. */
const [GCC, GCC_DEPENDENT, LLVM] = [0x474e_5543_432b_2b00n, 0x474e_5543_432b_2b01n, 0x434c_4e47_432b_2b00n]
/**
 * struct __cxa_exception, whose last member the unwinder knows (32 bytes), then the object. GCC's unwind-cxx.h
 * and LLVM's cxa_exception.h have the same there, but for the count of references.
 */
const TYPE_BEFORE = 80n
const HANDLERS_BEFORE = 40n
const OBJECT_BEHIND = 32n

interface Header {
  /** Address of its std::type_info. */
  readonly type: bigint
  readonly object: bigint
}

/** Of an exception that is being handled, as std::terminate() does: one that was freed is not. */
function headerAt(memory: Memory, address: bigint): Header | null {
  const kind = memory.read(address, 8)?.readBigUInt64LE()
  if (kind !== GCC && kind !== GCC_DEPENDENT && kind !== LLVM) return null
  const handlers = memory.read(address - HANDLERS_BEFORE, 4)?.readInt32LE() ?? 0
  const type = memory.read(address - TYPE_BEFORE, 8)?.readBigUInt64LE()
  if (type === undefined || handlers === 0) return null
  if (kind !== GCC_DEPENDENT) return { type, object: address + OBJECT_BEHIND }
  // In place of the type stands the object that is shared.
  const shared = memory.read(type - OBJECT_BEHIND - TYPE_BEFORE, 8)?.readBigUInt64LE()
  return shared === undefined ? null : { type: shared, object: type }
}

const LONGEST_WHAT_BYTES = 1024
/** Classes that hold a pointer to their text behind that to their virtual functions. */
const WITH_TEXT: readonly string[] = ['St13runtime_error', 'St11logic_error']
const STRING = 'NSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEE'

/** What what() of the standard's exceptions returns, and of those that are made from them; else a plain value. */
function whatOf(memory: Memory, object: bigint, types: readonly TypeInfo[]): string | null {
  const base = types.find(({ name }) => WITH_TEXT.includes(name))
  const name = types[0]?.name ?? ''
  const isPointer = name === 'PKc' || name === 'Pc' || name === STRING
  if (base === undefined && !isPointer) return numberAt(memory, object, name)
  const holder = base === undefined ? object : object + base.offset + 8n
  const text = memory.read(holder, 8)?.readBigUInt64LE()
  return text === undefined ? null : cTextAt(memory, text, LONGEST_WHAT_BYTES)
}

function numberAt(memory: Memory, object: bigint, type: string): string | null {
  const bytes = memory.read(object, 8)
  if (bytes === null) return null
  if (type === 'i') return String(bytes.readInt32LE())
  if (type === 'j') return String(bytes.readUInt32LE())
  if (type === 'l') return String(bytes.readBigInt64LE())
  return type === 'm' ? String(bytes.readBigUInt64LE()) : null
}

/** A symbol may be written, a type alone may not. */
function writtenType(name: string, demangled: (symbol: string) => string): string {
  if (name === STRING) return 'std::string'
  const written = demangled(`${SYMBOL}${name}`)
  return plain(written.startsWith(WRITTEN) ? written.slice(WRITTEN.length) : name)
}

const SYMBOL = '_ZTI'
const WRITTEN = 'typeinfo for '
