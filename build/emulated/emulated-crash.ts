import { readFileSync } from 'node:fs'
import { copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { execa } from 'execa'
import { PT_LOAD, PT_NOTE, readElfHeader, readNotes } from '../../crash/elf.ts'
import { filesInMaps, type MappedFile } from '../../crash/mapped-file.ts'
import { coreFile, mappedFiles, note, PAGE } from '../../test/fakes/elf-file.ts'
import { compilerFor } from '../addon.ts'
import { starterFor } from '../emulation.ts'
import type { Architecture } from '../node-binary.ts'
import { programSegments } from '../program-segments.ts'

export interface EmulatedCrash {
  /** As a kernel of that architecture writes it. */
  readonly core: string
  /** A folder with all files that it had mapped. */
  readonly sysroot: string
}

/** Has a program of the architecture crash in `folder`. */
export async function emulatedCrash(architecture: Architecture, folder: string): Promise<EmulatedCrash> {
  const program = path.join(folder, 'crashing')
  const source = path.join(import.meta.dirname, 'crashing.c')
  await execa(compilerFor(architecture), ['-g', '-O1', '-o', program, source])
  const start = await starterFor(architecture, await readFile(program))
  if ('lacks' in start) throw new Error(`Cannot have a program crash: ${start.lacks}`)
  const crashing = ['-c', 'ulimit -c unlimited; exec "$@"', 'sh', ...start, program]
  const { stdout } = await execa('sh', crashing, { cwd: folder, reject: false })
  const [name] = (await readdir(folder)).filter(file => file.endsWith('.core'))
  if (name === undefined) throw new Error('Cannot have a program crash: the emulator wrote no core')
  const maps = Buffer.from(`${stdout}\n`)
  const crash = { core: path.join(folder, 'core'), sysroot: path.join(folder, 'sysroot') }
  await writeFile(crash.core, withWhatIsLeftOut(await readFile(path.join(folder, name)), maps))
  for (const { path: file } of filesInMaps(maps)) await copyBelow(crash.sysroot, file)
  return crash
}

async function copyBelow(root: string, file: string): Promise<void> {
  await mkdir(path.join(root, path.dirname(file)), { recursive: true })
  await copyFile(file, path.join(root, file))
}

const NT_PRSTATUS = 1
const NT_SIGINFO = 0x53494749
const NT_FILE = 0x46494c45
const [SIGSEGV, SEGV_MAPERR] = [11, 1]
/** Where struct elf_prstatus has the signal. */
const PR_CURSIG = 12

/** QEMU leaves out the signal, what files are mapped, and their first pages. The program has said where they are. */
function withWhatIsLeftOut(core: Buffer, maps: Buffer): Buffer {
  const machine = readElfHeader(core)?.machine ?? 0
  const files = [...filesInMaps(maps)]
  const segments = programSegments(core).map(each => ({
    ...{ type: each.type, address: each.address, flags: each.flags, memoryBytes: Number(each.memoryBytes) },
    bytes: core.subarray(each.fileOffset, each.fileOffset + each.fileBytes),
  }))
  const written = segments
    .filter(({ type }) => type === PT_NOTE)
    .flatMap(({ bytes }) => [...readNotes(bytes)])
  const notes = [
    ...written.map(({ name, type, bytes }) =>
      note(name, type, type === NT_PRSTATUS ? withSignal(bytes) : bytes),
    ),
    note('CORE', NT_SIGINFO, signalInfo()),
    note('CORE', NT_FILE, filesNote(files)),
  ]
  const memory = segments
    .filter(({ type }) => type === PT_LOAD)
    .map(({ address, flags, memoryBytes, bytes }) => ({
      ...{ address, flags, memoryBytes, bytes: bytes.length > 0 ? bytes : firstPage(address, files) },
    }))
  return coreFile({ machine, notes: Buffer.concat(notes), memory })
}

/** Where a file begins, as the kernel dumps it. */
function firstPage(address: bigint, files: readonly MappedFile[]): Buffer {
  const file = files.find(({ start, fileOffset }) => start === address && fileOffset === 0n)
  return file === undefined ? Buffer.alloc(0) : readFileSync(file.path).subarray(0, PAGE)
}

function withSignal(status: Buffer): Buffer {
  const signalled = Buffer.from(status)
  signalled.writeUInt16LE(SIGSEGV, PR_CURSIG)
  return signalled
}

function signalInfo(): Buffer {
  const info = Buffer.alloc(128)
  info.writeInt32LE(SIGSEGV, 0)
  info.writeInt32LE(SEGV_MAPERR, 8)
  return info
}

function filesNote(files: readonly MappedFile[]): Buffer {
  return mappedFiles(files.map(({ fileOffset, ...file }) => ({ ...file, pages: fileOffset / BigInt(PAGE) })))
}
