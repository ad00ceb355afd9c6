import { Cursor } from '../unwind/cursor.ts'
import { offsetIn } from './attribute-form.ts'
import type { EntryCode } from './code-index.ts'
import type { DebugSection } from './debug-section.ts'

const IS_64_BITS = 0xffffffff
const LARGEST_SET_BYTES = 1 << 20
const PAIR_BYTES = 16

/** .debug_aranges: where the code of units lies, as gcc tells it; Clang and rustc do not. */
export function* addressRanges(section: DebugSection): Generator<EntryCode> {
  let at = 0
  for (;;) {
    const header = new Cursor(section.read(at, 24))
    const short = header.unsigned(4)
    const offsetBytes = short === IS_64_BITS ? 8 : 4
    const length = short === IS_64_BITS ? Number(header.long()) : short
    header.skip(2)
    const unitAt = Number(offsetIn(header, offsetBytes))
    if (header.isCut || length === 0) return
    const end = at + length + (offsetBytes === 8 ? 12 : 4)
    const pairsAt = at + (offsetBytes === 8 ? 2 : 1) * PAIR_BYTES
    const pairs = section.read(pairsAt, Math.min(Math.max(0, end - pairsAt), LARGEST_SET_BYTES))
    for (let pair = 0; pair + PAIR_BYTES <= pairs.length; pair += PAIR_BYTES) {
      const start = pairs.readBigUInt64LE(pair)
      yield { start, end: start + pairs.readBigUInt64LE(pair + 8), at: unitAt }
    }
    at = end
  }
}
