import assert from 'node:assert/strict'
import { it } from 'node:test'
import { abortAt, instructionOfAbort } from '../../crash/abort.ts'
import { readCoreHead } from '../../crash/core-head.ts'
import { elfCore, elfPage, type PageParts } from '../fakes/elf-core.ts'

const SI_KERNEL = { number: 11, code: 128, address: 0n }
const TRAP_BRKPT = { number: 5, code: 1, address: 0n }
const HLT = Buffer.from([0xf4, 0x83, 0x3d, 0x69])
const BRK_1000 = Buffer.from([0x00, 0x7d, 0x20, 0xd4])
const ABORT = 'abort()'
const ABORT_OR_CHECK = 'abort() or a failed check of heap or stack'

interface Case {
  readonly name: string
  readonly told: string | null
  readonly path?: string
  readonly pid?: number
  readonly signal?: typeof SI_KERNEL
  readonly instruction?: Buffer
  /** Where the program began, if it is in the same file. */
  readonly entry?: bigint
  readonly page?: PageParts
}

const GLIBC = '/usr/lib/x86_64-linux-gnu/libc.so.6'
const cases: readonly Case[] = [
  { name: "glibc's, on x86-64", told: ABORT },
  { name: "glibc's of before 2.34", path: '/lib64/libc-2.28.so', told: ABORT },
  { name: "glibc's, on arm64", signal: TRAP_BRKPT, instruction: BRK_1000, told: ABORT },
  { name: "musl's", path: '/lib/ld-musl-x86_64.so.1', told: ABORT_OR_CHECK },
  {
    name: "glibc's, linked into the program",
    path: '/srv',
    entry: 0x7000_0040n,
    page: { abiTag: true },
    told: ABORT,
  },
  { name: "musl's, linked into the program", path: '/srv', entry: 0x7000_0040n, told: ABORT_OR_CHECK },
  { name: 'none: code of the program itself', path: '/srv/app', told: null },
  {
    name: 'none: the program itself, whose libc was loaded',
    path: '/srv',
    entry: 0x7000_0040n,
    page: { abiTag: true, interpreter: '/lib64/ld-linux-x86-64.so.2' },
    told: null,
  },
  { name: 'none: another process than the first', pid: 2, told: null },
  { name: 'none: a bad pointer in libc', instruction: Buffer.from([0x8b, 0x00, 0, 0]), told: null },
  {
    name: "none: a debugger's breakpoint",
    signal: TRAP_BRKPT,
    instruction: Buffer.alloc(4, 0xcc),
    told: null,
  },
  { name: 'none: an address that is not mapped', signal: { ...SI_KERNEL, code: 1 }, told: null },
  { name: 'none: the code could not be read', instruction: Buffer.alloc(0), told: null },
]
for (const { name, told, pid = 1, instruction = HLT, ...parts } of cases) {
  it(`abortAt() tells ${name}`, () => {
    const { path = GLIBC, signal = SI_KERNEL, entry } = parts
    const files = [{ start: 0x7000_0000n, end: 0x7000_1000n, pages: 0n, path }]
    const read = readCoreHead(elfCore({ instruction: 0x7000_0010n, signal, files, ...(entry && { entry }) }))
    assert.ok('head' in read)
    const range = instructionOfAbort(read.head, pid)
    const page = elfPage(Buffer.alloc(20), parts.page)
    assert.equal(range === null ? null : abortAt(read.head, instruction, page), told)
  })
}
