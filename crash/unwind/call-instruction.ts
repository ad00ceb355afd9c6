import type { Code } from './code.ts'

/** A call that stands right before a return address. */
export interface Call {
  /** The beginning of the function that it goes to; `null`: a register or memory says where. */
  readonly target: bigint | null
}

/** The call that `returnAddress` is behind; `null`: no call stands there. */
export function callBefore(code: Code, returnAddress: bigint): Call | null {
  if (!code.isInFile(returnAddress - 1n)) return null
  return code.machine === 'x86-64' ? x86Call(code, returnAddress) : armCall(code, returnAddress)
}

const LONGEST_X86_CALL_BYTES = 7

function x86Call(code: Code, returnAddress: bigint): Call | null {
  const bytes = code.read(returnAddress - BigInt(LONGEST_X86_CALL_BYTES), LONGEST_X86_CALL_BYTES)
  if (bytes === null) return null
  // call rel32
  if (bytes[2] === 0xe8) return { target: behindJumps(code, returnAddress + BigInt(bytes.readInt32LE(3))) }
  return [2, 3, 4, 6, 7].some(length => isIndirectCall(bytes.subarray(-length))) ? { target: null } : null
}

/** FF /2, whose addressing says how long it is (a prefix before it does not matter). */
function isIndirectCall(bytes: Buffer): boolean {
  const [opcode, modrm = 0, sib = 0] = bytes
  if (opcode !== 0xff || (modrm & 0x38) !== 0x10) return false
  const [mode, base] = [modrm >> 6, modrm & 7]
  const hasSib = mode !== 3 && base === 4
  const isFarFromNothing = mode === 0 && (base === 5 || (hasSib && (sib & 7) === 5))
  const displacementBytes = mode === 2 || isFarFromNothing ? 4 : mode === 1 ? 1 : 0
  return bytes.length === 2 + (hasSib ? 1 : 0) + displacementBytes
}

function armCall(code: Code, returnAddress: bigint): Call | null {
  const instruction =
    (returnAddress & 3n) === 0n ? code.read(returnAddress - 4n, 4)?.readUInt32LE(0) : undefined
  if (instruction === undefined) return null
  // bl
  if (instruction >>> 26 === 0x25)
    return { target: behindJumps(code, armTarget(returnAddress - 4n, instruction)) }
  // blr, and blraa to blrabz, which check a signature before
  const isIndirect =
    (instruction & 0xfffffc1f) >>> 0 === 0xd63f0000 || (instruction & 0xfefff800) >>> 0 === 0xd63f0800
  return isIndirect ? { target: null } : null
}

/** Of those without any description, which are small: musl's, those written by hand. */
const LARGEST_FUNCTION_BYTES = 16n * 1024n

/** Whether a function that begins at `start` may hold `instruction`. */
export function mayHold(start: bigint, instruction: bigint): boolean {
  return instruction >= start && instruction - start < LARGEST_FUNCTION_BYTES
}

/** Whether a call may go to where `instruction` is: the code does not tell where a pointer or a stub leads. */
export function mayReach(code: Code, { target }: Call, instruction: bigint): boolean {
  return target === null || mayHold(target, instruction) || isStub(code, target)
}

const MOST_JUMPS = 4

/** Where a function that only jumps to another one leads. */
function behindJumps(code: Code, target: bigint): bigint {
  let address = BigInt.asUintN(64, target)
  for (let count = 0; count < MOST_JUMPS; count += 1) {
    const next = code.machine === 'x86-64' ? x86Jump(code, address) : armJump(code, address)
    if (next === null) return address
    address = next
  }
  return address
}

/** (endbr64;) jmp rel32, or rel8 to what is near */
function x86Jump(code: Code, address: bigint): bigint | null {
  const at = code.read(address, 4)?.readUInt32LE(0) === ENDBR64 ? address + 4n : address
  const [opcode] = code.read(at, 1) ?? []
  const distance = code.read(at + 1n, opcode === JUMP_NEAR ? 1 : 4)
  if (distance === null || (opcode !== JUMP && opcode !== JUMP_NEAR)) return null
  const end = at + 1n + BigInt(distance.length)
  return BigInt.asUintN(64, end + BigInt(distance.readIntLE(0, distance.length)))
}

const [JUMP, JUMP_NEAR] = [0xe9, 0xeb]

/** (bti c;) b */
function armJump(code: Code, address: bigint): bigint | null {
  const at = code.read(address, 4)?.readUInt32LE(0) === BTI_C ? address + 4n : address
  const instruction = code.read(at, 4)?.readUInt32LE(0) ?? 0
  return instruction >>> 26 === 0x05 ? armTarget(at, instruction) : null
}

const BTI_C = 0xd503245f

/** Of b and bl: 26 bits, of four bytes each. */
function armTarget(address: bigint, instruction: number): bigint {
  return BigInt.asUintN(64, address + BigInt.asIntN(26, BigInt(instruction & 0x3ffffff)) * 4n)
}

/** An entry of a procedure linkage table: (endbr64;) (bnd) jmp *(rip), or a push; on aarch64 adrp x16. */
export function isStub(code: Code, target: bigint): boolean {
  const bytes = code.read(target, 8)
  if (bytes === null) return false
  if (code.machine === 'aarch64') return (bytes.readUInt32LE(0) & 0x9f00001f) >>> 0 === 0x90000010
  const jump = bytes.subarray(bytes.readUInt32LE(0) === ENDBR64 ? 4 : 0)
  const [opcode, modrm] = jump[0] === BND ? jump.subarray(1) : jump
  return (opcode === 0xff && modrm === 0x25) || opcode === PUSH
}

const ENDBR64 = 0xfa1e0ff3
const BND = 0xf2
/** Of the first call through a lazy entry. */
const PUSH = 0x68
