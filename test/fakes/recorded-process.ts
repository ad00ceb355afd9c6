import { readFileSync } from 'node:fs'
import path from 'node:path'
import { zstdDecompressSync } from 'node:zlib'
import { ElfImage, type Machine } from '../../crash/image/elf-image.ts'
import type { FileBytes } from '../../crash/image/file-bytes.ts'
import type { Memory } from '../../crash/image/memory.ts'
import { type Module, Modules, modulesOf } from '../../crash/image/module.ts'

/** Bytes from a place on: an address, or an offset in a file. Numbers are hexadecimal, bytes base64. */
interface RecordedPiece {
  readonly at: string
  readonly bytes: string
}

/** What a walk read of a process that crashed, as test/fixtures/stacks/record.ts writes it. */
export interface Recording {
  readonly machine: Machine
  /** NT_PRSTATUS of the thread. */
  readonly status: string
  readonly memory: readonly RecordedPiece[]
  readonly modules: readonly {
    readonly path: string
    readonly sizeBytes: number
    readonly ranges: readonly { readonly start: string; readonly end: string; readonly fileOffset: string }[]
    readonly pieces: readonly RecordedPiece[]
  }[]
  /** What the functions of its frames are called, by their instructions. */
  readonly functions: Readonly<Record<string, string>>
}

const RECORDINGS = path.resolve(import.meta.dirname, '../fixtures/stacks')

export function readRecording(name: string): Recording {
  return JSON.parse(zstdDecompressSync(readFileSync(path.join(RECORDINGS, `${name}.json.zst`))).toString())
}

/** The process again, as far as it was read. `changed` gets each piece once, to do something to it. */
export function recordedProcess(
  { memory, modules }: Recording,
  changed: (bytes: Buffer) => Buffer = bytes => bytes,
): { readonly memory: Memory; readonly modules: Modules } {
  const piecesOf = (pieces: readonly RecordedPiece[]) =>
    pieces.map(({ at, bytes }) => ({ at: BigInt(`0x${at}`), bytes: changed(Buffer.from(bytes, 'base64')) }))
  const read = (pieces: readonly { at: bigint; bytes: Buffer }[], at: bigint, lengthBytes: number) => {
    const piece = pieces.find(
      one => at >= one.at && at + BigInt(lengthBytes) <= one.at + BigInt(one.bytes.length),
    )
    const from = piece === undefined ? 0 : Number(at - piece.at)
    return piece?.bytes.subarray(from, from + lengthBytes) ?? null
  }
  const inMemory = piecesOf(memory)
  const found = modules.flatMap(({ path, sizeBytes, ranges, pieces }): readonly Module[] => {
    const inFile = piecesOf(pieces)
    const file: FileBytes = {
      sizeBytes,
      read: (offset, lengthBytes) =>
        Number.isSafeInteger(offset) && lengthBytes >= 0 ? read(inFile, BigInt(offset), lengthBytes) : null,
    }
    const lie = ranges.map(({ start, end, fileOffset }) => ({
      start: BigInt(`0x${start}`),
      end: BigInt(`0x${end}`),
      fileOffset: BigInt(`0x${fileOffset}`),
    }))
    const image = ElfImage.open(file)
    return image === null ? [] : modulesOf(path, image, lie)
  })
  return {
    memory: { read: (at, lengthBytes) => read(inMemory, at, lengthBytes) },
    modules: new Modules(found),
  }
}
