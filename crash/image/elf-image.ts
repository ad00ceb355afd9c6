import { inflateSync, zstdDecompressSync } from 'node:zlib'
import {
  type ElfHeader,
  type ElfSegment,
  hasWholeSegments,
  PF_W,
  PT_LOAD,
  readElfHeader,
  readSegment,
} from '../elf.ts'
import type { FileBytes } from './file-bytes.ts'
import { Room } from './room.ts'
import { readSections, type Section, SHT_NOBITS } from './section.ts'

/** The processors whose stacks are walked. */
export type Machine = 'x86-64' | 'aarch64'

const MACHINES: Readonly<Record<number, Machine>> = { 62: 'x86-64', 183: 'aarch64' }

/** By e_machine of elf(5); `null`: it is another one. */
export function machineOf(number: number): Machine | null {
  return MACHINES[number] ?? null
}

const MOST_SEGMENTS = 128
const HEADER_BYTES = 64
const ENTRY_AT = 24
const SHF_COMPRESSED = 0x800n
const [COMPRESSED_ZLIB, COMPRESSED_ZSTD] = [1, 2]
const COMPRESSION_HEADER_BYTES = 24
/** Where nothing else is said. */
const LARGEST_BYTES = 128 << 20

/**
 * An ELF64 file of a program or library, as far as it is at hand: of the vdso, and of a file whose sections were
 * stripped, segments are all there is. What stands in it was chosen by the tenant: all is bounded, and
 * nothing throws.
 */
export class ElfImage {
  readonly machine: Machine
  /** Where the program begins, as the program headers have addresses. */
  readonly entry: bigint
  readonly segments: readonly ElfSegment[]
  readonly sections: readonly Section[]
  /** For what is in memory of it. */
  readonly room: Room
  readonly #file: FileBytes
  readonly #loaded: readonly { readonly start: bigint; readonly end: bigint; readonly fileOffset: number }[]

  private constructor(
    file: FileBytes,
    { machine, entry, segments, room }: Pick<ElfImage, 'machine' | 'entry' | 'segments' | 'room'>,
    isDebugFile: boolean,
  ) {
    this.#file = file
    this.room = room
    this.machine = machine
    this.entry = entry
    this.segments = segments
    this.sections = readSections(file)
    this.#loaded = segments
      .filter(({ type }) => type === PT_LOAD && !isDebugFile)
      .map(({ address, fileOffset, fileBytes }) => ({
        start: address,
        end: address + BigInt(fileBytes),
        fileOffset,
      }))
  }

  /** `null`: it is no ELF64 file of these processors. */
  static open(file: FileBytes, room = new Room(LARGEST_BYTES)): ElfImage | null {
    return ElfImage.#open(file, room, false)
  }

  /** The same of a separate debug file: what its program headers load is in the program alone. */
  static openDebugFile(file: FileBytes, room = new Room(LARGEST_BYTES)): ElfImage | null {
    return ElfImage.#open(file, room, true)
  }

  static #open(file: FileBytes, room: Room, isDebugFile: boolean): ElfImage | null {
    const beginning = file.read(0, HEADER_BYTES)
    const header = beginning === null ? null : readElfHeader(beginning)
    const machine = header === null ? null : machineOf(header.machine)
    if (beginning === null || header === null || machine === null || header.addressBytes !== 8) return null
    const entry = beginning.readBigUInt64LE(ENTRY_AT)
    return new ElfImage(file, { machine, entry, segments: segmentsIn(file, header), room }, isDebugFile)
  }

  section(name: string): Section | undefined {
    return this.sections.find(section => section.name === name)
  }

  /** Of a section that stands in the file as it is; at most `lengthBytes` from `at` on. */
  read({ type, fileOffset, fileBytes }: Section, at: number, lengthBytes: number): Buffer | null {
    if (type === SHT_NOBITS || at < 0 || at > fileBytes) return null
    return this.#file.read(fileOffset + at, Math.min(lengthBytes, fileBytes - at))
  }

  /** A section whole, decompressed if it has to be; `null`: there is no room for it, or it is broken. */
  contents(section: Section, largestBytes: number): Buffer | null {
    const isCompressed = (section.flags & SHF_COMPRESSED) !== 0n
    const sizeBytes = isCompressed ? this.decompressedBytes(section) : section.fileBytes
    if (sizeBytes === null || Math.max(sizeBytes, section.fileBytes) > largestBytes) return null
    if (!this.room.take(sizeBytes)) return null
    const stored = this.read(section, 0, section.fileBytes)
    return stored === null || !isCompressed ? stored : decompressed(stored, sizeBytes)
  }

  /** How large a compressed section says that it is; `null`: it is not there. */
  decompressedBytes(section: Section): number | null {
    const header = this.read(section, 0, COMPRESSION_HEADER_BYTES)
    return header?.length === COMPRESSION_HEADER_BYTES ? Number(header.readBigUInt64LE(8)) : null
  }

  /** What is loaded to `address`, as the program headers have addresses; exactly `lengthBytes`, or `null`. */
  loaded(address: bigint, lengthBytes: number): Buffer | null {
    const end = address + BigInt(lengthBytes)
    const loaded = this.#loaded.find(({ start, end: segmentEnd }) => address >= start && end <= segmentEnd)
    if (loaded === undefined) return null
    return this.#file.read(loaded.fileOffset + Number(address - loaded.start), lengthBytes)
  }

  /** The same of what cannot be written to: it is in memory as it is in the file. */
  loadedReadOnly(address: bigint, lengthBytes: number): Buffer | null {
    const isWritten = this.segments.some(
      ({ type, flags, address: start, memoryBytes }) =>
        type === PT_LOAD && (flags & PF_W) !== 0 && address >= start && address < start + BigInt(memoryBytes),
    )
    return isWritten ? null : this.loaded(address, lengthBytes)
  }

  /** The address, as the program headers have them, of a byte of the file; `null`: it is not loaded. */
  addressOf(fileOffset: bigint): bigint | null {
    const segment = this.segments.find(
      ({ type, fileOffset: at, fileBytes }) =>
        type === PT_LOAD && fileOffset >= BigInt(at) && fileOffset < BigInt(at) + BigInt(fileBytes),
    )
    return segment === undefined ? null : segment.address + fileOffset - BigInt(segment.fileOffset)
  }
}

/** Not always behind the header: `patchelf` moves them to where there is room for more. */
function segmentsIn(file: FileBytes, header: ElfHeader): readonly ElfSegment[] {
  const count = Math.min(header.segmentCount, MOST_SEGMENTS)
  const table = hasWholeSegments(header) ? file.read(header.segmentsAt, count * header.segmentBytes) : null
  if (table === null) return []
  const numbers = Array.from({ length: count }, (_, index) => index)
  return numbers.map(index => readSegment(table, { ...header, segmentsAt: 0 }, index)).filter(s => s !== null)
}

/** Elf64_Chdr: type, reserved, size, alignment; then the bytes. */
function decompressed(stored: Buffer, sizeBytes: number): Buffer | null {
  if (stored.length < COMPRESSION_HEADER_BYTES) return null
  const kind = stored.readUInt32LE(0)
  const bytes = stored.subarray(COMPRESSION_HEADER_BYTES)
  try {
    if (kind === COMPRESSED_ZLIB) return inflateSync(bytes, { maxOutputLength: sizeBytes })
    if (kind === COMPRESSED_ZSTD) return zstdDecompressSync(bytes, { maxOutputLength: sizeBytes })
    return null
  } catch {
    return null
  }
}
