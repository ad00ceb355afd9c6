import type { Memory } from '../image/memory.ts'

const LONGEST_NAME_BYTES = 1024
/** A class of a person has fewer. */
const MOST_BASES = 16
const MOST_BASES_OF_A_CLASS = 8

/** A type of C++ as it is known when a program runs (RTTI; Itanium C++ ABI, 2.9.5). */
export interface TypeInfo {
  /** Mangled, as typeid(…).name() has it. */
  readonly name: string
  /** Where an object has it within itself: 0, or that of a base class. */
  readonly offset: bigint
}

/** The type whose std::type_info lies at `address`, and then its base classes; none: there is no such type. */
export function* typesAt(memory: Memory, address: bigint): Generator<TypeInfo> {
  const waiting = [{ address, offset: 0n }]
  for (let count = 0; count < MOST_BASES; count += 1) {
    const next = waiting.shift()
    if (next === undefined) return
    const name = nameAt(memory, next.address)
    if (name === null) continue
    yield { name, offset: next.offset }
    for (const base of basesAt(memory, next.address))
      waiting.push({ address: base.address, offset: next.offset + base.offset })
  }
}

/** Behind the pointer to its virtual functions; a `*` before it says that the type is known in one file only. */
function nameAt(memory: Memory, address: bigint): string | null {
  const pointer = memory.read(address + 8n, 8)?.readBigUInt64LE()
  if (pointer === undefined) return null
  const toPageEnd = 4096 - Number(pointer % 4096n)
  for (const lengthBytes of [LONGEST_NAME_BYTES, Math.min(LONGEST_NAME_BYTES, toPageEnd)]) {
    const bytes = memory.read(pointer, lengthBytes)
    if (bytes !== null) return NAME.exec(bytes.toString('latin1'))?.[1] ?? null
  }
  return null
}

const NAME = /^\*?([A-Za-z0-9][\w.$]{0,1000})\0/

/**
 * A class has none, one (a pointer to its type_info), or a count and as many pointers, each with where the
 * base lies. What is no type_info there has no name: it is left out by {@link typesAt}.
 */
function basesAt(memory: Memory, address: bigint): readonly { address: bigint; offset: bigint }[] {
  const word = memory.read(address + 16n, 8)
  if (word === null) return []
  const [flags, count] = [word.readUInt32LE(0), word.readUInt32LE(4)]
  if (flags > 3 || count < 1 || count > MOST_BASES_OF_A_CLASS)
    return [{ address: word.readBigUInt64LE(), offset: 0n }]
  const bases = memory.read(address + 24n, 16 * count)
  if (bases === null) return []
  return Array.from({ length: count }, (_, index) => ({
    address: bases.readBigUInt64LE(16 * index),
    flags: bases.readBigInt64LE(16 * index + 8),
  })).flatMap(base => ((base.flags & 1n) === 1n ? [] : [{ address: base.address, offset: base.flags >> 8n }]))
}
