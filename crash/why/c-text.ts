import { clip, plain } from '../../untrusted/plain-text.ts'
import { shownText } from '../../untrusted/shown-text.ts'
import type { Memory } from '../image/memory.ts'

const PAGE_BYTES = 4096
/** Of a copy that ends within a page, at least the beginning. */
const LEAST_BYTES = 128

/**
 * The text at `address` before its first NUL, of `mostBytes` at the most, as one line of visible characters;
 * `…` at its end says that it goes on. `null`: it is not at hand.
 */
export function cTextAt(memory: Memory, address: bigint, mostBytes: number): string | null {
  const toPageEnd = PAGE_BYTES - Number(BigInt.asUintN(64, address) % BigInt(PAGE_BYTES))
  for (const lengthBytes of [mostBytes, toPageEnd, LEAST_BYTES]) {
    const bytes = memory.read(address, Math.min(lengthBytes, mostBytes))
    if (bytes !== null) return shown(bytes, mostBytes)
  }
  return null
}

function shown(bytes: Buffer, mostBytes: number): string {
  const end = bytes.indexOf(0)
  const text = shownText(end === -1 ? bytes : bytes.subarray(0, end)).replace(/[\n ]+$/, '')
  return end === -1 ? clip(`${plain(text, mostBytes)}…`, mostBytes) : plain(text, mostBytes)
}
