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

interface Piece {
  readonly at: bigint
  readonly bytes: Buffer
}

/** The process again, as far as it was read. */
export class RecordedProcess {
  readonly machine: Machine
  readonly status: Buffer
  /** All that there is of it. What is changed in them has changed in what is opened afterwards. */
  readonly buffers: readonly Buffer[]
  readonly #memory: readonly Piece[]
  readonly #files: readonly (Pick<Module, 'path' | 'ranges'> & {
    sizeBytes: number
    pieces: readonly Piece[]
  })[]

  constructor({ machine, status, memory, modules }: Recording) {
    this.machine = machine
    this.status = Buffer.from(status, 'base64')
    this.#memory = memory.map(decoded)
    this.#files = modules.map(({ path, sizeBytes, ranges, pieces }) => ({
      path,
      sizeBytes,
      ranges: ranges.map(range => ({
        start: BigInt(`0x${range.start}`),
        end: BigInt(`0x${range.end}`),
        fileOffset: BigInt(`0x${range.fileOffset}`),
      })),
      pieces: pieces.map(decoded),
    }))
    const pieces = [...this.#memory, ...this.#files.flatMap(({ pieces }) => pieces)]
    this.buffers = [this.status, ...pieces.map(({ bytes }) => bytes)]
  }

  /** Changes a word of its memory. */
  write(address: bigint, word: bigint): void {
    read(this.#memory, address, 8)?.writeBigUInt64LE(word)
  }

  open(): { readonly memory: Memory; readonly modules: Modules } {
    const modules = this.#files.flatMap(({ path, ranges, ...file }) => {
      const image = ElfImage.open(fileOf(file))
      return image === null ? [] : modulesOf(path, image, ranges)
    })
    const memory = { read: (at: bigint, lengthBytes: number) => read(this.#memory, at, lengthBytes) }
    return { memory, modules: new Modules(modules) }
  }
}

function decoded({ at, bytes }: RecordedPiece): Piece {
  return { at: BigInt(`0x${at}`), bytes: Buffer.from(bytes, 'base64') }
}

function fileOf({ sizeBytes, pieces }: { sizeBytes: number; pieces: readonly Piece[] }): FileBytes {
  return {
    sizeBytes,
    read: (offset, lengthBytes) =>
      Number.isSafeInteger(offset) && lengthBytes >= 0 ? read(pieces, BigInt(offset), lengthBytes) : null,
  }
}

function read(pieces: readonly Piece[], at: bigint, lengthBytes: number): Buffer | null {
  const piece = pieces.find(one => at >= one.at && at < one.at + BigInt(one.bytes.length))
  const from = piece === undefined ? 0 : Number(at - piece.at)
  if (piece === undefined || from + lengthBytes > piece.bytes.length) return null
  return piece.bytes.subarray(from, from + lengthBytes)
}
