import { PT_DYNAMIC } from '../elf.ts'
import type { ElfImage } from '../image/elf-image.ts'

const ENTRY_BYTES = 16
const MOST_ENTRIES = 256

/**
 * What the dynamic linker is told (elf(5), PT_DYNAMIC): tag to value. Addresses are as the program headers
 * have them, as nothing relocates the file.
 */
export function dynamicEntries(image: ElfImage): ReadonlyMap<bigint, bigint> {
  const segment = image.segments.find(({ type }) => type === PT_DYNAMIC)
  const count = Math.min((segment?.fileBytes ?? 0) / ENTRY_BYTES, MOST_ENTRIES)
  const bytes = segment && image.loaded(segment.address, Math.floor(count) * ENTRY_BYTES)
  const entries = new Map<bigint, bigint>()
  for (let at = 0; bytes && at < bytes.length; at += ENTRY_BYTES) {
    const tag = bytes.readBigUInt64LE(at)
    if (tag === 0n) break
    entries.set(tag, bytes.readBigUInt64LE(at + 8))
  }
  return entries
}
