import { type ElfSegment, PT_DYNAMIC, PT_INTERP, PT_LOAD, textIn } from '../crash/elf.ts'
import { programSegments } from './program-segments.ts'

const DT_NEEDED = 1
const DT_STRTAB = 5
const DT_VERNEED = 0x6ffffffe
const DT_VERNEEDNUM = 0x6fffffff

/** What a program or library asks of the system that it is started on (elf(5), ld.so(8)). */
interface Needs {
  /** The path of the loader. A library has none, nor has a static program. */
  readonly loader: string | null
  readonly libraries: readonly string[]
  /** Versions of symbols, as `GLIBC_2.28`. A library that is older lets the program not start. */
  readonly versions: readonly string[]
}

export function readNeeds(file: Buffer): Needs {
  const segments = programSegments(file)
  const loader = segments.find(({ type }) => type === PT_INTERP)
  const dynamic = segments.find(({ type }) => type === PT_DYNAMIC)
  if (dynamic === undefined) return { loader: null, libraries: [], versions: [] }
  const table = readTable(contentOf(file, dynamic))
  const strings = file.subarray(offsetOf(only(table, DT_STRTAB), segments))
  return {
    loader: loader === undefined ? null : textIn(contentOf(file, loader)),
    libraries: (table.get(DT_NEEDED) ?? []).map(at => textIn(strings.subarray(at))),
    versions: [...versionNames(file, table, segments)].map(at => textIn(strings.subarray(at))),
  }
}

/** Where in the string table the versions are named: per library a Verneed, and its Vernaux behind it. */
function* versionNames(file: Buffer, table: Table, segments: readonly ElfSegment[]): Generator<number> {
  if (!table.has(DT_VERNEED)) return
  let library = offsetOf(only(table, DT_VERNEED), segments)
  for (let left = only(table, DT_VERNEEDNUM); left > 0; left--) {
    let version = library + file.readUInt32LE(library + 8)
    for (let more = file.readUInt16LE(library + 2); more > 0; more--) {
      yield file.readUInt32LE(version + 8)
      version += file.readUInt32LE(version + 12)
    }
    library += file.readUInt32LE(library + 12)
  }
}

/** The values of every tag, in order. */
type Table = ReadonlyMap<number, readonly number[]>

function readTable(dynamic: Buffer): Table {
  const entries = Array.from({ length: Math.floor(dynamic.length / 16) }, (_, index) => ({
    tag: Number(dynamic.readBigInt64LE(index * 16)),
    value: Number(dynamic.readBigUInt64LE(index * 16 + 8)),
  }))
  const groups = Map.groupBy(entries, ({ tag }) => tag)
  return new Map([...groups].map(([tag, group]) => [tag, group.map(({ value }) => value)]))
}

function only(table: Table, tag: number): number {
  const value = table.get(tag)?.[0]
  if (value === undefined) throw new Error(`Cannot read the program: its dynamic section has no tag ${tag}`)
  return value
}

function contentOf(file: Buffer, { fileOffset, fileBytes }: ElfSegment): Buffer {
  return file.subarray(fileOffset, fileOffset + fileBytes)
}

/** Where in the file the byte is that is loaded at `address`. */
function offsetOf(address: number, segments: readonly ElfSegment[]): number {
  const segment = segments.find(
    each =>
      each.type === PT_LOAD &&
      address >= Number(each.address) &&
      address < Number(each.address) + each.fileBytes,
  )
  if (segment === undefined) throw new Error(`Cannot read the program: nothing is loaded at ${address}`)
  return segment.fileOffset + address - Number(segment.address)
}
