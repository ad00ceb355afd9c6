import type { Access, Instruction } from './instruction.ts'

/** An instruction of x86-64, by its first bytes (Intel SDM 2, appendix A). */
export function x86Instruction(code: Buffer): Instruction {
  const at = opcodeAt(code)
  const byte = code[at]
  const next = code[at + 1]
  if (byte === undefined) return {}
  if (byte === 0xcc) return { kind: 'trap', mnemonic: 'int3' }
  // No process may halt, so libraries end by it when they give up.
  if (byte === 0xf4) return { kind: 'trap', mnemonic: 'hlt' }
  if (byte === 0x0f && next !== undefined && next in UNDEFINED)
    return { kind: 'undefined', mnemonic: UNDEFINED[next]! }
  // Of all software interrupts but int3 and int 0x80.
  if (byte === 0xcd && next !== 0x80) return { kind: 'privileged' }
  if (PRIVILEGED.has(byte === 0x0f ? 0x0f00 + (next ?? 0) : byte)) return { kind: 'privileged' }
  if (byte === 0xc3 || byte === 0xc2) return { kind: 'return', access: 'read' }
  return operandOf(opcodeOf(code, at))
}

const UNDEFINED: Readonly<Record<number, string>> = { 11: 'ud2', 185: 'ud1', 255: 'ud0' }

// cli, sti, in, out, ins, outs; clts, invd, wbinvd, control and debug registers, wrmsr, rdmsr.
const PRIVILEGED = new Set([
  ...[0xfa, 0xfb, 0xe4, 0xe5, 0xe6, 0xe7, 0xec, 0xed, 0xee, 0xef, 0x6c, 0x6d, 0x6e, 0x6f],
  ...[0x0f06, 0x0f08, 0x0f09, 0x0f20, 0x0f21, 0x0f22, 0x0f23, 0x0f30, 0x0f32],
])

const PREFIXES = new Set([0x66, 0x67, 0xf0, 0xf2, 0xf3, 0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65])
const LONGEST_BYTES = 15

function opcodeAt(code: Buffer): number {
  let at = 0
  while (at < LONGEST_BYTES && PREFIXES.has(code[at] ?? 0)) at += 1
  return (code[at] ?? 0) >> 4 === 4 ? at + 1 : at
}

interface Opcode {
  /** 0: of one byte, 1: after 0f, 2: after 0f 38, 3: after 0f 3a. */
  readonly map: number
  readonly byte: number
  readonly modrm: number
  /** Of those that change what a vector instruction is, 66, f3 or f2, one at the most; 0: none. */
  readonly prefix: number
  readonly extension?: string
}

/** What stands after the prefixes; NaN: it is cut off. */
function opcodeOf(code: Buffer, at: number): Opcode {
  const [first = 0, second = 0, third = 0] = code.subarray(at)
  const before = code.subarray(0, at)
  const prefix = [0xf3, 0xf2, 0x66].find(byte => before.includes(byte)) ?? 0
  const of = (map: number, opcodeAt: number, itsPrefix = prefix) => ({
    map,
    byte: code[opcodeAt] ?? Number.NaN,
    modrm: code[opcodeAt + 1] ?? Number.NaN,
    prefix: itsPrefix,
  })
  if (first === 0x62) return { ...of(second & 7, at + 4, packedPrefix(third)), extension: 'AVX-512' }
  if (first === 0xc5) return { ...of(1, at + 2, packedPrefix(second)), extension: 'AVX' }
  if (first === 0xc4) return { ...of(second & 0x1f, at + 3, packedPrefix(third)), extension: 'AVX or BMI' }
  if (first !== 0x0f) return of(0, at)
  if (second === 0x38) return of(2, at + 2)
  return second === 0x3a ? of(3, at + 2) : of(1, at + 1)
}

/** As two bits of what stands before the opcode of a vector instruction. */
function packedPrefix(byte: number): number {
  return [0, 0x66, 0xf3, 0xf2][byte & 3] ?? 0
}

function operandOf(opcode: Opcode): Instruction {
  const { map, byte, modrm, extension } = opcode
  const inMemory = modrm >> 6 !== 3
  const found = map === 0 ? plainAccess(opcode) : inMemory ? vectorAccess(opcode) : {}
  const isAligned =
    map === 1 && extension === undefined && inMemory && 'access' in found && wantsAlignment(opcode)
  return {
    ...(Number.isNaN(byte) || Number.isNaN(modrm) ? {} : found),
    ...(isAligned ? { kind: 'aligned' } : {}),
    ...(extension === undefined ? {} : { extension }),
  }
}

/** Of an opcode of one byte. */
function plainAccess({ byte, modrm }: Opcode): Instruction {
  const inMemory = modrm >> 6 !== 3
  const digit = (modrm >> 3) & 7
  if (byte === 0xff && (digit === 2 || digit === 4)) return inMemory ? { access: 'read' } : { kind: 'call' }
  if (ON_STACK.has(byte)) return { access: ON_STACK.get(byte)! }
  if (!inMemory) return {}
  const access = PLAIN.get(byte)
  if (access !== undefined) return { access }
  const ofDigit = GROUPS.get(byte)?.[digit]
  return ofDigit === 'r' ? { access: 'read' } : ofDigit === 'w' ? { access: 'write' } : {}
}

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index)
const each = (bytes: readonly number[], access: Access) => bytes.map(byte => [byte, access] as const)

/** push, call, stos; pop, leave, lods, scas, cmps. Of movs it cannot be told. */
const ON_STACK: ReadonlyMap<number, Access> = new Map([
  ...each([...range(0x50, 0x57), 0x68, 0x6a, 0xe8, 0xaa, 0xab, 0xa2, 0xa3], 'write'),
  ...each([...range(0x58, 0x5f), 0xc9, 0xac, 0xad, 0xae, 0xaf, 0xa6, 0xa7, 0xa0, 0xa1], 'read'),
])

/** Arithmetic in rows of eight: two of them write to memory, two read; then mov, xchg, test, imul. */
const PLAIN: ReadonlyMap<number, Access> = new Map([
  ...each(
    range(0, 6).flatMap(row => [8 * row, 8 * row + 1]),
    'write',
  ),
  ...each(
    range(0, 7).flatMap(row => [8 * row + 2, 8 * row + 3]),
    'read',
  ),
  ...each([0x38, 0x39, 0x63, 0x69, 0x6b, 0x84, 0x85, 0x8a, 0x8b], 'read'),
  ...each([0x86, 0x87, 0x88, 0x89, 0x8c, 0x8f, 0xc6, 0xc7, 0xc0, 0xc1, 0xd0, 0xd1, 0xd2, 0xd3], 'write'),
])

/** Where three bits of ModRM choose. */
const GROUPS: ReadonlyMap<number, string> = new Map([
  ...[0x80, 0x81, 0x83].map(byte => [byte, 'wwwwwwwr'] as const),
  ...[0xf6, 0xf7].map(byte => [byte, 'rrwwrrrr'] as const),
  [0xfe, 'ww'],
  [0xff, 'wwrrrr'],
  // Floating point: fst, fstp, fist, fnstcw.
  [0xd9, 'r wwrrww'],
  [0xdb, 'rwww r w'],
  [0xdd, 'rwwwr ww'],
  [0xdf, 'rwwwrrww'],
  ...[0xd8, 0xda, 0xdc, 0xde].map(byte => [byte, 'rrrrrrrr'] as const),
])

/** After 0f, and of vector instructions: what is not listed here and accesses memory reads it. */
const WRITES: Readonly<Record<number, ReadonlySet<number>>> = {
  1: new Set([
    ...[0x11, 0x13, 0x17, 0x29, 0x2b, 0x7f, 0xd6, 0xe7, 0xc3, 0xa4, 0xa5, 0xab, 0xac, 0xad, 0xb3, 0xbb],
    ...[0xb0, 0xb1, 0xc0, 0xc1, 0xc7, ...range(0x90, 0x9f)],
  ]),
  2: new Set([0x2e, 0x2f, 0x63, 0x8a, 0x8b, 0x8e, 0xa0, 0xa1, 0xa2, 0xa3, 0xf9]),
  3: new Set([0x14, 0x15, 0x16, 0x17, 0x19, 0x1b, 0x1d, 0x39, 0x3b]),
}
const READS_1 = new Set([
  ...[
    ...range(0x10, 0x16),
    ...range(0x28, 0x2f),
    ...range(0x40, 0x76),
    ...range(0x78, 0x7e),
    0xa3,
    0xaf,
    ...range(0xb2, 0xbf),
  ],
  ...[0xc2, 0xc4, 0xc6, ...range(0xd0, 0xfe)],
])

function vectorAccess({ map, byte, modrm, prefix }: Opcode): Instruction {
  const digit = (modrm >> 3) & 7
  if (map === 1 && byte === 0x7e) return { access: prefix === 0xf3 ? 'read' : 'write' }
  // movbe; with a prefix it is crc32.
  if (map === 2 && byte === 0xf1) return { access: prefix === 0xf2 ? 'read' : 'write' }
  if (map === 1 && byte === 0xba) return { access: digit === 4 ? 'read' : 'write' }
  if (map === 1 && byte === 0xae) return { access: [0, 3, 4, 6].includes(digit) ? 'write' : 'read' }
  if (WRITES[map]?.has(byte)) return { access: 'write' }
  return map === 2 || map === 3 || (map === 1 && READS_1.has(byte)) ? { access: 'read' } : {}
}

/** SSE's operands of 16 bytes. With AVX's encoding, few have to be aligned. */
function wantsAlignment({ byte, prefix }: Opcode): boolean {
  if (prefix === 0xf2 || prefix === 0xf3) return false
  if ([0x28, 0x29, 0x2b].includes(byte) || (byte >= 0x51 && byte <= 0x5f)) return true
  const ofIntegers = byte === 0xe7 || (byte >= 0x60 && byte <= 0x7f && byte !== 0x7e) || byte >= 0xd0
  return prefix === 0x66 && ofIntegers && byte !== 0xd6
}
