import type { ElfImage } from '../image/elf-image.ts'
import { dynamicEntries } from './dynamic-entries.ts'
import { ENTRY_BYTES, type SymbolTable } from './symbol-table.ts'

const [DT_HASH, DT_STRTAB, DT_SYMTAB, DT_STRSZ, DT_GNU_HASH] = [4n, 5n, 6n, 10n, 0x6ffffef5n]
const MOST_SYMBOLS = 1 << 21
const MOST_BUCKETS = 1 << 20
const CHAIN_BYTES_AT_ONCE = 1 << 12

/**
 * The symbols that the dynamic linker is given, found as it finds them: where there are no section headers,
 * as in the vdso, and in a program that `sstrip` was run over.
 */
export function dynamicSymbols(image: ElfImage): SymbolTable | null {
  const dynamic = dynamicEntries(image)
  const [symbols, names] = [dynamic.get(DT_SYMTAB), dynamic.get(DT_STRTAB)]
  if (symbols === undefined || names === undefined) return null
  const namesBytes = Number(dynamic.get(DT_STRSZ) ?? 0n)
  return {
    count: Math.min(countOf(image, dynamic), MOST_SYMBOLS),
    entries: (first, count) => image.loaded(symbols + BigInt(first * ENTRY_BYTES), count * ENTRY_BYTES),
    namesBytes,
    names: (at, lengthBytes) =>
      at > namesBytes ? null : image.loaded(names + BigInt(at), Math.min(lengthBytes, namesBytes - at)),
  }
}

/** Nothing says how many there are but the tables by which they are looked up. */
function countOf(image: ElfImage, dynamic: ReadonlyMap<bigint, bigint>): number {
  const [hash, gnuHash] = [dynamic.get(DT_HASH), dynamic.get(DT_GNU_HASH)]
  const chains = hash === undefined ? null : image.loaded(hash + 4n, 4)
  if (chains !== null) return chains.readUInt32LE(0)
  return gnuHash === undefined ? 0 : countInGnuHash(image, gnuHash)
}

/** One more than the last symbol of the chain that begins last; the end of a chain is marked by its lowest bit. */
function countInGnuHash(image: ElfImage, hash: bigint): number {
  const header = image.loaded(hash, 16)
  if (header === null) return 0
  const [bucketCount, first, bloomWords] = [0, 4, 8].map(at => header.readUInt32LE(at)) as [
    number,
    number,
    number,
  ]
  const bucketsAt = hash + 16n + BigInt(bloomWords) * 8n
  const buckets = bucketCount > MOST_BUCKETS ? null : image.loaded(bucketsAt, bucketCount * 4)
  if (buckets === null) return 0
  let last = 0
  for (let at = 0; at < buckets.length; at += 4) last = Math.max(last, buckets.readUInt32LE(at))
  if (last < first) return first
  const chainsAt = bucketsAt + BigInt(bucketCount * 4)
  return endOfChain(image, chainsAt + BigInt(last - first) * 4n, last)
}

/** Behind the symbol whose word has the lowest bit; `at`: where the word of symbol `from` is. */
function endOfChain(image: ElfImage, at: bigint, from: number): number {
  let [next, lengthBytes] = [from, CHAIN_BYTES_AT_ONCE]
  while (next < MOST_SYMBOLS && lengthBytes >= 4) {
    const words = image.loaded(at + BigInt(next - from) * 4n, lengthBytes)
    // Behind it there may be no more than a few words.
    if (words === null) lengthBytes /= 2
    for (let word = 0; words !== null && word < lengthBytes; word += 4, next += 1)
      if ((words.readUInt32LE(word) & 1) === 1) return next + 1
  }
  return next + 1
}
