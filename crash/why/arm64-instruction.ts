import type { Instruction } from './instruction.ts'

/** An instruction of A64 (Arm ARM, C4.1) by its four bytes. */
export function arm64Instruction(code: Buffer): Instruction {
  if (code.length < 4) return {}
  const word = code.readUInt32LE()
  const is = (mask: number, value: number) => (word & mask) >>> 0 === value
  const immediate = (word >>> 5) & 0xffff
  if (is(0xffff_0000, 0)) return { kind: 'undefined', mnemonic: 'udf' }
  if (is(0xffe0_001f, 0xd420_0000)) return { kind: 'trap', mnemonic: `brk #${immediate}` }
  if (is(0xffff_fc1f, 0xd61f_0000) || is(0xffff_fc1f, 0xd63f_0000)) return { kind: 'call' }
  // With a signature to be checked before, too: braa and blraa, retaa and retab.
  if (is(0xfedf_f800, 0xd61f_0800)) return { kind: 'call' }
  if (is(0xffff_fc1f, 0xd65f_0000) || is(0xffff_fbff, 0xd65f_0bff)) return { kind: 'return' }
  // Loads and stores.
  return is(0x0a00_0000, 0x0800_0000) ? accessOf(word, is) : {}
}

function accessOf(word: number, is: (mask: number, value: number) => boolean): Instruction {
  const ofBit = (bit: number): Instruction => ({ access: (word >>> bit) & 1 ? 'read' : 'write' })
  if (is(0x3b00_0000, 0x1800_0000)) return { access: 'read' }
  // Compare and swap reads and writes.
  if (is(0x3fa0_7c00, 0x08a0_7c00) || is(0xbfa0_7c00, 0x0820_7c00)) return { access: 'write' }
  // Pairs, exclusive ones, whole vectors.
  if (is(0x3a00_0000, 0x2800_0000) || is(0x3f00_0000, 0x0800_0000) || is(0xbe00_0000, 0x0c00_0000))
    return ofBit(22)
  if (!is(0x3a00_0000, 0x3800_0000)) return {}
  // Through a pointer whose signature is checked: ldraa.
  if (is(0xff20_0400, 0xf820_0400)) return { access: 'read' }
  // Atomic ones read and write.
  if (is(0x3b20_0c00, 0x3820_0000)) return { access: 'write' }
  // Of a general register 10 is a load that extends the sign, of a vector register a store of 128 bits.
  return is(0x0480_0000, 0x0080_0000) ? { access: 'read' } : ofBit(22)
}
