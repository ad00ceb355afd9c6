import { type ElfSegment, PF_X, PT_LOAD, readElfHeader } from '../crash/elf.ts'
import { programSegments } from './program-segments.ts'

const E_ENTRY = 24
const P_FILESZ = 32
const P_MEMSZ = 40

/** What is executed first: `before`, a jump to where the program began, whose distance `jump` encodes. */
interface Prologue {
  readonly before: Buffer
  readonly jump: (distanceBytes: number) => Buffer
}

/**
 * By e_machine: fcntl(0, F_SETPIPE_SZ, 256 KiB). The register that tells where to go at exit (rdx, x0) is
 * kept. Where 0 is no pipe nothing happens.
 *
 * 1 MiB is no faster. And what is in the pipe counts as memory of the container that crashes, maybe for want
 * of it; and of a user's pipes, where two hundred handlers wait, 64 MiB at most
 * (/proc/sys/fs/pipe-user-pages-soft).
 */
const PROLOGUES: Readonly<Record<number, Prologue>> = {
  62: {
    before: Buffer.from(
      [
        '4989d1', // mov r9, rdx
        '31ff', // xor edi, edi
        'be07040000', // mov esi, 1031
        'ba00000400', // mov edx, 256 << 10
        'b848000000', // mov eax, 72
        '0f05', // syscall
        '4c89ca', // mov rdx, r9
      ].join(''),
      'hex',
    ),
    // jmp, counted from its end.
    jump: distance => Buffer.concat([Buffer.of(0xe9), int32(distance - 5)]),
  },
  183: {
    before: Buffer.concat(
      [
        0xaa0003e9, // mov x9, x0
        0xd2800000, // mov x0, #0
        0xd28080e1, // mov x1, #1031
        0xd2a00082, // mov x2, #256 << 10
        0xd2800328, // mov x8, #25
        0xd4000001, // svc #0
        0xaa0903e0, // mov x0, x9
      ].map(uint32),
    ),
    // b, in words.
    jump: distance => uint32((0x14000000 | ((distance >> 2) & 0x03ffffff)) >>> 0),
  },
}

const PROLOGUE_ROOM = 64

/**
 * A program that makes the pipe on its stdin hold 256 KiB before it does anything else. The kernel's own
 * holds 64 KiB: the handler, which reads a core, sleeps and is woken 16,384 times a GiB, and so is the
 * process that writes it. Node cannot ask for it, so it is the program's first instructions, in the padding
 * behind its code.
 */
export function withLargerPipe(program: Buffer): Buffer {
  const header = readElfHeader(program)
  const prologue = PROLOGUES[header?.machine ?? 0]
  if (header === null || prologue === undefined) throw new Error('Cannot patch the program: unknown machine')
  const segments = programSegments(program)
  const index = segments.findIndex(segment => hasRoom(segment, segments, program))
  const segment = segments[index]
  if (segment === undefined) throw new Error('Cannot patch the program: there is no padding behind its code')
  const from = aligned(segment.fileBytes)
  const entry = segment.address + BigInt(from)
  const distance = Number(program.readBigUInt64LE(E_ENTRY) - entry) - prologue.before.length
  const code = Buffer.concat([prologue.before, prologue.jump(distance)])
  const patched = Buffer.from(program)
  patched.set(code, segment.fileOffset + from)
  const at = header.segmentsAt + index * header.segmentBytes
  for (const field of [P_FILESZ, P_MEMSZ]) patched.writeBigUInt64LE(BigInt(from + code.length), at + field)
  patched.writeBigUInt64LE(entry, E_ENTRY)
  return patched
}

/** Nothing is in the file or in memory right behind it. */
function hasRoom(segment: ElfSegment, segments: readonly ElfSegment[], program: Buffer): boolean {
  const { type, flags, fileOffset, fileBytes, memoryBytes, address } = segment
  if (type !== PT_LOAD || (flags & PF_X) === 0 || fileBytes !== memoryBytes) return false
  const [fileEnd, memoryEnd] = [fileOffset + fileBytes, address + BigInt(fileBytes)]
  const isFree = segments.every(
    other =>
      other.type !== PT_LOAD ||
      other === segment ||
      ((other.fileOffset < fileEnd || other.fileOffset >= fileEnd + PROLOGUE_ROOM) &&
        (other.address < memoryEnd || pageOf(other.address) >= memoryEnd + BigInt(PROLOGUE_ROOM))),
  )
  return isFree && program.subarray(fileEnd, fileEnd + PROLOGUE_ROOM).every(byte => byte === 0)
}

// Of the smallest pages: 4 KiB on both machines.
function pageOf(address: bigint): bigint {
  return address & ~0xfffn
}

/** Instructions of arm64 stand at multiples of four. */
function aligned(bytes: number): number {
  return Math.ceil(bytes / 16) * 16
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32LE(value)
  return bytes
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}
