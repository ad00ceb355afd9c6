import { PF_W, PT_LOAD } from '../elf.ts'
import type { ElfImage } from '../image/elf-image.ts'
import { dynamicEntries } from './dynamic-entries.ts'
import type { Effort } from './effort.ts'

const PIECE_BYTES = 1 << 20
const LARGEST_DATA_BYTES = 64 << 20
const [DT_RELA, DT_RELASZ] = [7n, 8n]
const RELOCATION_BYTES = 24
const RELOCATIONS_AT_ONCE = 1 << 15
const MOST_RELOCATIONS = 1 << 21
/** Some others may point to the table, too. */
const MOST_PLACES = 8
/** What is read of it ends before that. */
const MODULE_BYTES = 512
const [SEARCHED_BYTES_A_STEP, RELOCATION_BYTES_A_STEP] = [100, 200]

/** Go's runtime.moduledata: a pointer that stands in it `at` bytes from its beginning. */
export type GoModule = (at: number) => bigint | null

/** Where it is looked for, and how long. */
interface Searched {
  readonly image: ElfImage
  readonly effort: Effort
}

/**
 * It begins with the address of the table of functions, and then that of its names; nothing else says where
 * it is in a stripped program.
 */
export function goModule(searched: Searched, table: bigint, names: bigint): GoModule | null {
  return inData(searched, table, names) ?? inRelocations(searched, table, names)
}

/** Of a program at a fixed address. */
function inData({ image, effort }: Searched, table: bigint, names: bigint): GoModule | null {
  const beginning = Buffer.alloc(16)
  beginning.writeBigUInt64LE(BigInt.asUintN(64, table), 0)
  beginning.writeBigUInt64LE(BigInt.asUintN(64, names), 8)
  for (const { type, flags, address, fileBytes } of image.segments) {
    if (type !== PT_LOAD || (flags & PF_W) === 0) continue
    const end = Math.min(fileBytes, LARGEST_DATA_BYTES)
    for (let from = 0; from < end; from += PIECE_BYTES) {
      const lengthBytes = Math.min(PIECE_BYTES + beginning.length, end - from)
      if (!effort.spend(lengthBytes / SEARCHED_BYTES_A_STEP)) return null
      const piece = image.loaded(address + BigInt(from), lengthBytes)
      const at = piece?.indexOf(beginning) ?? -1
      if (at === -1) continue
      return offset => image.loaded(address + BigInt(from + at + offset), 8)?.readBigUInt64LE(0) ?? null
    }
  }
  return null
}

/** Of a program for any address: its pointers are in the relocations, and nothing is in the data. */
function inRelocations(searched: Searched, table: bigint, names: bigint): GoModule | null {
  for (const start of placesOf(searched, table)) {
    const pointers = pointersFrom(searched, Number(start))
    if (pointers.get(8) === names) return at => pointers.get(at) ?? null
  }
  return null
}

/** Where the address `wanted` is put. */
function placesOf(searched: Searched, wanted: bigint): readonly bigint[] {
  const places: bigint[] = []
  const [low, high] = [Number(wanted & 0xffffffffn), Number(wanted >> 32n)]
  for (const entries of relocations(searched))
    for (let at = 0; at < entries.length && places.length < MOST_PLACES; at += RELOCATION_BYTES)
      if (entries.readUInt32LE(at + 16) === low && entries.readUInt32LE(at + 20) === high)
        places.push(entries.readBigUInt64LE(at))
  return places
}

/** What is put to `start` and behind it, by how far behind. */
function pointersFrom(searched: Searched, start: number): ReadonlyMap<number, bigint> {
  const pointers = new Map<number, bigint>()
  for (const entries of relocations(searched))
    for (let at = 0; at < entries.length; at += RELOCATION_BYTES) {
      const behind = entries.readUInt32LE(at + 4) * 2 ** 32 + entries.readUInt32LE(at) - start
      if (behind >= 0 && behind < MODULE_BYTES) pointers.set(behind, entries.readBigUInt64LE(at + 16))
    }
  return pointers
}

/** Elf64_Rela: where, what kind, and the address that is put there. */
function* relocations({ image, effort }: Searched): Generator<Buffer> {
  const dynamic = dynamicEntries(image)
  const [start, bytes] = [dynamic.get(DT_RELA), Number(dynamic.get(DT_RELASZ) ?? 0n)]
  const count = start === undefined ? 0 : Math.min(Math.floor(bytes / RELOCATION_BYTES), MOST_RELOCATIONS)
  for (let first = 0; first < count; first += RELOCATIONS_AT_ONCE) {
    const length = Math.min(RELOCATIONS_AT_ONCE, count - first) * RELOCATION_BYTES
    if (!effort.spend(length / RELOCATION_BYTES_A_STEP)) return
    const entries = image.loaded((start ?? 0n) + BigInt(first * RELOCATION_BYTES), length)
    if (entries === null) return
    yield entries
  }
}
