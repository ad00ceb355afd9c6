import { type HostileSection, type HostileSegment, hostileFile, ofBytes } from './hostile-file.ts'

/** Files that make the reader of one of their tables do as much as they can. */
export interface HostileTable {
  readonly what: string
  readonly sections: readonly HostileSection[]
  readonly segments?: readonly HostileSegment[]
}

export const CODE_AT = 0x1000
const [SYMBOL_BYTES, MANY] = [24, 1 << 21]
const [SHT_SYMTAB, SHT_STRTAB, SHT_DYNSYM] = [2, 3, 11]

const CODE: HostileSection = { name: '.text', sizeBytes: 1 << 20 }
const IN_CODE: HostileSegment = { section: '.text', address: CODE_AT }

/** All functions, each as long as the code is, and of the longest name. */
function symbols(name: string, type: number): HostileSection {
  return {
    name,
    type,
    link: 2,
    sizeBytes: MANY * SYMBOL_BYTES,
    write(bytes, from) {
      for (let at = 0; at + SYMBOL_BYTES <= bytes.length; at += SYMBOL_BYTES) {
        bytes.writeUInt8(2, at + 4)
        bytes.writeUInt16LE(1, at + 6)
        bytes.writeUInt32LE(CODE_AT + ((from + at) % 64), at + 8)
        bytes.writeUInt32LE(1 << 19, at + 16)
      }
    },
  }
}

const NAMES: HostileSection = {
  name: '.strtab',
  type: SHT_STRTAB,
  sizeBytes: 1 << 20,
  write: bytes => void bytes.fill('@a'),
}

/** A label at {@link CODE_AT}, so that lines are asked for. */
const LABEL = Buffer.alloc(SYMBOL_BYTES)
LABEL.writeUInt32LE(1, 0)
LABEL.writeUInt8(2, 4)
LABEL.writeUInt16LE(1, 6)
LABEL.writeUInt32LE(CODE_AT, 8)
LABEL.writeUInt32LE(1 << 19, 16)
const LABELLED = [
  CODE,
  ofBytes('.strtab', Buffer.from('\0f\0'), { type: SHT_STRTAB }),
  ofBytes('.symtab', LABEL, { type: SHT_SYMTAB, link: 2 }),
]

function repeated(
  name: string,
  piece: Buffer,
  sizeBytes: number,
  more: Partial<HostileSection> = {},
): HostileSection {
  return { name, sizeBytes, write: (bytes, at) => fillFrom(bytes, piece, at), ...more }
}

function fillFrom(bytes: Buffer, piece: Buffer, at: number): void {
  const from = at % piece.length
  bytes.fill(Buffer.concat([piece.subarray(from), piece.subarray(0, from)]))
}

/** A unit of DWARF 4 of one entry, whose code is told by a list. */
const UNIT = Buffer.from([12, 0, 0, 0, 4, 0, 0, 0, 0, 0, 8, 1, 0, 0, 0, 0])
/** The entry has a list of ranges, and nothing else. */
const ABBREVIATION = Buffer.from([1, 0x11, 0, 0x55, 0x17, 0, 0, 0])
/** Says again and again what others are relative to, and never where code is. */
const BASES = Buffer.from([...Array(8).fill(0xff), 1, ...Array(7).fill(0)])

/** A set of .debug_aranges of no code. */
const EMPTY_SET = Buffer.from([12, 0, 0, 0, 2, 0, 0, 0, 0, 0, 8, 0, 0, 0, 0, 0])
/** And one with all of it, which is told by the unit at 0. */
const SET = Buffer.alloc(48)
SET.writeUInt32LE(44, 0)
SET.writeUInt8(2, 4)
SET.writeUInt8(8, 10)
SET.writeUInt32LE(CODE_AT, 16)
SET.writeUInt32LE(1 << 20, 24)
/** Whose lines are the unit at 0 of .debug_line. */
const WITH_LINES = [
  ofBytes('.debug_aranges', SET),
  ofBytes('.debug_info', UNIT),
  ofBytes('.debug_abbrev', Buffer.from([1, 0x11, 0, 0x10, 0x17, 0, 0, 0])),
]

/** A unit of DWARF 4 as large as it likes: of a function with all code, into which `entries` are inlined. */
function unitOfInlined(entry: Buffer): HostileSection {
  const head = Buffer.from([0, 0, 0, 1, 4, 0, 0, 0, 0, 0, 8, 1, 0, 0, 0, 0, 2, ...ALL_CODE])
  const write = (bytes: Buffer, at: number) => {
    fillFrom(bytes, entry, (at + entry.length * head.length - head.length) % entry.length)
    if (at < head.length) head.copy(bytes, 0, at)
  }
  return { name: '.debug_info', sizeBytes: 1 << 30, write }
}
const ALL_CODE = [0, 0x10, 0, 0, 0, 0, 0, 0, 0, 0, 0x10, 0]
/** Unit, function, what was inlined and is a copy of the function, and one with nothing in it that has no code. */
const OF_INLINED = Buffer.from(
  [
    [1, 0x11, 1, 0x10, 0x17, 0, 0],
    [2, 0x2e, 1, 0x11, 0x01, 0x12, 0x06, 0, 0],
    [3, 0x1d, 1, 0x11, 0x01, 0x12, 0x06, 0x31, 0x13, 0, 0],
    [4, 0x1d, 0, 0x31, 0x19, 0, 0, 0],
  ].flat(),
)

/** Of DWARF 5, with `tables` for folders and files, and `program` for the lines. */
function lineUnit(tables: Buffer, program: Buffer): Buffer {
  const head = Buffer.from([5, 0, 8, 0, 0, 0, 0, 0, 1, 1, 1, 0, 1, 1])
  head.writeUInt32LE(head.length - 8 + tables.length, 4)
  const length = Buffer.alloc(4)
  length.writeUInt32LE(head.length + tables.length + program.length)
  return Buffer.concat([length, head, tables, program])
}

/** 127 things of no byte are said of each file, and one of one byte. */
const FORMATS = Buffer.from([128, ...Array(127).fill([2, 0x19]).flat(), 3, 0x0b])
const NO_FOLDERS = Buffer.from([0, 0])
const NO_FILES = Buffer.concat([NO_FOLDERS, NO_FOLDERS])
const FILES = Buffer.concat([
  NO_FOLDERS,
  FORMATS,
  Buffer.from([0xff, 0xff, 0xff, 0x0f]),
  Buffer.alloc(1 << 20),
])
/** A file by the place of its name, again and again. */
const NAMED = Buffer.concat([
  NO_FOLDERS,
  Buffer.from([1, 1, 0x0e, 0xff, 0xff, 0xff, 0x0f]),
  Buffer.alloc(1 << 20),
])
/** A row for each byte: where code begins, and from then on the lines of the next instruction. */
const ROWS = Buffer.concat([Buffer.from([0, 9, 2, 0, 0x10, 0, 0, 0, 0, 0, 0]), Buffer.alloc(1 << 20, 1)])

/** LZMA2 of pieces that begin anew with the largest odds, of a byte each. */
const XZ_HEAD = Buffer.from('fd377a585a000000ff12d94102002101160000000000000000', 'hex')
const XZ_PIECE = Buffer.from([0xe0, 0, 0, 0, 5, 4, 0, 0, 0, 0, 0, 0])
const XZ = Buffer.concat([XZ_HEAD.subarray(0, 24), ...Array(1000).fill(XZ_PIECE), Buffer.alloc(8)])

const GO_NOTE = Buffer.from([4, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0x47, 0x6f, 0, 0])

export const HOSTILE: readonly HostileTable[] = [
  {
    what: 'two million functions in two tables',
    sections: [CODE, NAMES, symbols('.symtab', SHT_SYMTAB), symbols('.dynsym', SHT_DYNSYM)],
    segments: [IN_CODE],
  },
  {
    what: 'sets of .debug_aranges without code',
    sections: [
      ...LABELLED,
      { name: '.debug_line', sizeBytes: 9 },
      repeated('.debug_aranges', EMPTY_SET, 1 << 30),
    ],
    segments: [IN_CODE],
  },
  {
    what: 'sets of .debug_aranges with more code than there is',
    sections: [...LABELLED, { name: '.debug_line', sizeBytes: 9 }, repeated('.debug_aranges', SET, 1 << 30)],
    segments: [IN_CODE],
  },
  {
    what: 'units whose lists say nothing',
    sections: [
      ...LABELLED,
      { name: '.debug_line', sizeBytes: 9 },
      repeated('.debug_info', UNIT, 1 << 30),
      ofBytes('.debug_abbrev', ABBREVIATION),
      repeated('.debug_ranges', BASES, 1 << 30),
    ],
    segments: [IN_CODE],
  },
  {
    what: 'files of which much is said in no bytes',
    sections: [...LABELLED, ...WITH_LINES, ofBytes('.debug_line', lineUnit(FILES, ROWS))],
    segments: [IN_CODE],
  },
  {
    what: 'files whose names stand elsewhere',
    sections: [
      ...LABELLED,
      ...WITH_LINES,
      ofBytes('.debug_line', lineUnit(NAMED, ROWS)),
      repeated('.debug_str', Buffer.from('name'), 1 << 20),
    ],
    segments: [IN_CODE],
  },
  ...[
    { what: 'functions that were inlined into each other without end', entry: [3, ...ALL_CODE, 16, 0, 0, 0] },
    { what: 'functions that were inlined and have no code', entry: [4] },
    { what: 'the ends of entries that never began', entry: [0] },
  ].map(({ what, entry }) => ({
    what,
    sections: [
      ...LABELLED,
      ofBytes('.debug_aranges', SET),
      unitOfInlined(Buffer.from(entry)),
      ofBytes('.debug_abbrev', OF_INLINED),
      ofBytes('.debug_line', lineUnit(NO_FILES, ROWS)),
    ],
    segments: [IN_CODE],
  })),
  {
    what: 'segments in which the table of Go may lie',
    sections: [CODE, ofBytes('.note', GO_NOTE), { name: '.data', sizeBytes: 2 ** 35 }],
    segments: [
      { type: 4, section: '.note', address: 0 },
      { section: '.note', address: 0 },
      ...Array.from({ length: 120 }, () => ({ section: '.data', address: CODE_AT })),
    ],
  },
  {
    what: 'pieces of .gnu_debugdata that begin anew',
    sections: [CODE, ofBytes('.gnu_debugdata', XZ)],
    segments: [IN_CODE],
  },
]

export function openHostile({ sections, segments = [] }: HostileTable): ReturnType<typeof hostileFile> {
  return hostileFile(sections, segments)
}
