import type { Memory } from '../image/memory.ts'
import { rustLocationAt } from './rust-location.ts'
import { rustTextOf, rustValueBy } from './rust-text.ts'
import { stackBytes } from './stack-bytes.ts'

/** A panic of Rust. */
export interface RustPanic {
  /** Where it began: `src/main.rs:12:5`. */
  readonly place: string
  /** What it said, in one line of visible characters; absent: nothing, or that is not to be had. */
  readonly words?: string
}

/** What looks like one on a stack: {@link livePanic} says whether it is. */
export interface PanicOnStack extends RustPanic {
  /** Of a pointer to that value, before its place. */
  readonly address: bigint
  /** Of the value that it panicked with. */
  readonly payloadAddress: bigint
}

/** From the stack pointer to there it is less than 2 KiB, but for a hook that ends the process. */
const LARGEST_STACK_BYTES = 32 * 1024
/** The value lies in the frame of the caller's caller at the furthest. */
const LARGEST_DISTANCE_BYTES = 1024n
const MOST_FOUND = 8
const LOWEST_ADDRESS = 0x1_0000n
const HIGHEST_ADDRESS = 1n << 56n

/**
 * Where it began, behind a value and its table of virtual functions, in what the hook of a panic is given
 * (PanicHookInfo, library/std/src/panic.rs) and in what its caller has. Before Rust 1.81 the arguments of the
 * message stood between (PanicInfo, library/core/src/panic/panic_info.rs).
 */
const LOCATIONS_AT = [16, 24] as const
const LARGEST_LAYOUT_BYTES = 32

/**
 * The panics of Rust on the stack of the crashing thread, the innermost first: what their hooks were given. That
 * is still there where the program ends by it, and needs no symbols.
 */
export function panicsOnStack(memory: Memory, stackPointer: bigint): readonly PanicOnStack[] {
  const stack = stackBytes(memory, stackPointer, LARGEST_STACK_BYTES)
  const found: PanicOnStack[] = []
  const high = Number(stackPointer >> 32n)
  for (let at = 0; at + LARGEST_LAYOUT_BYTES <= stack.length && found.length < MOST_FOUND; at += 8) {
    // Its value lies on the stack, which is rarely longer than what 32 bits count.
    if (Math.abs(stack.readUInt32LE(at + 4) - high) > 1) continue
    const panic = panicAt(memory, stack, at, stackPointer + BigInt(at))
    if (panic !== null) found.push(panic)
  }
  return found
}

function panicAt(memory: Memory, stack: Buffer, at: number, address: bigint): PanicOnStack | null {
  const payloadAddress = stack.readBigUInt64LE(at)
  if (payloadAddress <= address || payloadAddress > address + LARGEST_DISTANCE_BYTES) return null
  const table = stack.readBigUInt64LE(at + 8)
  for (const behind of LOCATIONS_AT) {
    const locationAt = stack.readBigUInt64LE(at + behind)
    if (!isData(table) || !isData(locationAt)) continue
    const place = rustLocationAt(memory, locationAt)
    const value = place === null ? null : rustValueBy(memory, table)
    if (place === null || value === null) continue
    const words = rustTextOf(memory, payloadAddress, value)
    return { address, payloadAddress, place, ...(words !== null && { words }) }
  }
  return null
}

function isData(address: bigint): boolean {
  return address % 8n === 0n && address >= LOWEST_ADDRESS && address < HIGHEST_ADDRESS
}
