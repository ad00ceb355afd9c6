import { closeSync, openSync, readFileSync, readSync } from 'node:fs'
import { messageOf, OperatorError } from '../crash/errors.ts'
import { coreFile, type DumpedMemory, mappedFiles, note, PAGE } from '../test/fakes/elf-file.ts'
import type { HeldCrash } from './held-crash.ts'
import { type Mapping, mappingsOf } from './mappings.ts'

const NT_PRSTATUS = 1
const NT_PRPSINFO = 3
const NT_AUXV = 6
const NT_SIGINFO = 0x53494749
const NT_FILE = 0x46494c45
const MACHINES: Partial<Record<string, number>> = { x64: 62, arm64: 183 }

/** The core of a process that stands still: the notes and the memory that the kernel writes by default. */
export function coreOf(crash: HeldCrash): Buffer {
  const mappings = mappingsOf(crash.pid)
  return coreFile({
    machine: MACHINES[process.arch] ?? 0,
    notes: notesOf(crash, mappings),
    memory: memoryOf(crash.pid, mappings),
  })
}

function notesOf({ pid, status, signal }: HeldCrash, mappings: readonly Mapping[]): Buffer {
  const files = mappings.flatMap(({ start, end, fileOffset, file }) =>
    file === null ? [] : [{ start, end, pages: fileOffset / BigInt(PAGE), path: file }],
  )
  return Buffer.concat([
    note('CORE', NT_PRSTATUS, status),
    note('CORE', NT_PRPSINFO, nameOf(pid)),
    note('CORE', NT_SIGINFO, signal),
    note('CORE', NT_AUXV, readFileSync(`/proc/${pid}/auxv`)),
    note('CORE', NT_FILE, mappedFiles(files)),
  ])
}

/** struct elf_prpsinfo: user, group, pid, the name and the command line. */
function nameOf(pid: number): Buffer {
  const note = Buffer.alloc(136)
  note.writeUInt32LE(process.getuid?.() ?? 0, 16)
  note.writeUInt32LE(process.getgid?.() ?? 0, 20)
  note.writeInt32LE(pid, 24)
  note.writeInt32LE(process.pid, 28)
  note.write(readFileSync(`/proc/${pid}/comm`, 'utf8').replace(/\n$/, ''), 40, 15)
  note.write(readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trimEnd(), 56, 79)
  return note
}

/** What has no file behind it, and of programs and libraries the page by which a debugger knows them. */
function memoryOf(pid: number, mappings: readonly Mapping[]): DumpedMemory[] {
  const memory = openMemory(pid)
  try {
    return mappings.map(mapping => ({
      address: mapping.start,
      bytes: dumped(memory, mapping),
      memoryBytes: Number(mapping.end - mapping.start),
      flags: flagsOf(mapping),
    }))
  } finally {
    closeSync(memory)
  }
}

function dumped(memory: number, mapping: Mapping): Buffer {
  const { start, end, file, fileOffset, hasOwnPages, isOutside, permissions } = mapping
  if (isOutside || !permissions.startsWith('r')) return Buffer.alloc(0)
  if (file === null || hasOwnPages) return read(memory, start, Number(end - start))
  const page = fileOffset === 0n ? read(memory, start, PAGE) : Buffer.alloc(0)
  return page.subarray(0, 4).toString('latin1') === '\x7fELF' ? page : Buffer.alloc(0)
}

function read(memory: number, at: bigint, bytes: number): Buffer {
  const block = Buffer.alloc(bytes)
  return block.subarray(0, readSync(memory, block, 0, bytes, at))
}

function flagsOf({ permissions }: Mapping): number {
  return [4, 2, 1].reduce((flags, flag, index) => flags + (permissions[index] === '-' ? 0 : flag), 0)
}

function openMemory(pid: number): number {
  try {
    return openSync(`/proc/${pid}/mem`, 'r')
  } catch (cause) {
    throw new OperatorError(
      `Cannot read the memory of the crashed process: ${messageOf(cause)}`,
      'Run it as root, or with kernel.yama.ptrace_scope 0 or 1.',
      cause,
    )
  }
}
