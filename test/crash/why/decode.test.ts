import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { instructionIn } from '../../../crash/why/decode.ts'
import type { Instruction } from '../../../crash/why/instruction.ts'
import { inputs } from '../../inputs.ts'

const [READ, WRITE] = [{ access: 'read' }, { access: 'write' }] as const

/** As binutils 2.40 disassembles them. */
const X86: readonly (readonly [string, string, Instruction])[] = [
  ['mov (%rax),%rax', '488b00', READ],
  ['mov %rax,0x18(%rdi)', '48894718', WRITE],
  ['movl $0,(%rax)', 'c70000000000', WRITE],
  ['movzbl (%rdi),%eax', '0fb607', READ],
  ['mov %rax,%rbx', '4889c3', {}],
  ['lea (%rax),%rbx', '488d18', {}],
  ['cmpq $0,(%rax)', '48833800', READ],
  ['addq $1,(%rax)', '48830001', WRITE],
  ['lock xadd %eax,(%rdx)', 'f00fc102', WRITE],
  ['push %rbp', '5590', WRITE],
  ['pop %rbp', '5d90', READ],
  ['call rel', 'e8cfffffff', WRITE],
  ['call *(%rax)', 'ff10', READ],
  ['call *%rax', 'ffd0', { kind: 'call' }],
  ['jmp *%rax', 'ffe0', { kind: 'call' }],
  ['ret', 'c3', { kind: 'return', access: 'read' }],
  ['rep stos', 'f348ab90', WRITE],
  ['rep movsq', 'f348a590', {}],
  ['movups %xmm0,(%rdi)', '0f1107', WRITE],
  ['movaps %xmm0,(%rdi)', '0f2907', { access: 'write', kind: 'aligned' }],
  ['movdqa (%rdi),%xmm0', '660f6f07', { access: 'read', kind: 'aligned' }],
  ['movdqu (%rdi),%xmm0', 'f30f6f07', READ],
  ['movq %xmm0,(%rdi)', '660fd607', WRITE],
  ['movq (%rdi),%xmm0', 'f30f7e07', READ],
  ['fstp (%rax)', 'd918', WRITE],
  ['fld (%rax)', 'd900', READ],
  ['nopw (%rax)', '660f1f00', {}],
  ['vmovdqu (%rdi),%ymm0', 'c5fe6f07', { access: 'read', extension: 'AVX' }],
  ['vmovdqu %ymm0,(%rdi)', 'c5fe7f07', { access: 'write', extension: 'AVX' }],
  ['vmovdqu64 %zmm0,(%rdi)', '62f1fe487f07', { access: 'write', extension: 'AVX-512' }],
  ['vpcmpeqb (%rdi),%ymm16,%k0', '62f17d207407', { access: 'read', extension: 'AVX-512' }],
  ['shlx', 'c4e2f9f7d8', { extension: 'AVX or BMI' }],
  ['vmovq (%rdi),%xmm0', 'c5fa7e07', { access: 'read', extension: 'AVX' }],
  ['vmovq %xmm0,(%rdi)', 'c5f97e07', { access: 'write', extension: 'AVX' }],
  ['vzeroupper', 'c5f87790', { extension: 'AVX' }],
  ['mov %fs:0x28,%rax', '64488b042528000000', READ],
  ['movbe %eax,0xc(%rsp)', '0f38f144240c', WRITE],
  ['crc32l (%rdi),%eax', 'f20f38f107', READ],
  ['ud2', '0f0b', { kind: 'undefined', mnemonic: 'ud2' }],
  ['int3', 'cc', { kind: 'trap', mnemonic: 'int3' }],
  ['hlt', 'f4', { kind: 'trap', mnemonic: 'hlt' }],
  ['cli', 'fa', { kind: 'privileged' }],
  ['wrmsr', '0f30', { kind: 'privileged' }],
  ['nothing', '', {}],
  ['a prefix alone', '66', {}],
]
for (const [name, code, expected] of X86) {
  it(`instructionIn() knows of x86-64: ${name}`, () => {
    assert.deepEqual(instructionIn(Buffer.from(code, 'hex'), 'x86-64'), expected)
  })
}

const ARM64: readonly (readonly [string, number, Instruction])[] = [
  ['ldr x0, [x1, #8]', 0xf940_0420, READ],
  ['str x0, [x1, #8]', 0xf900_0420, WRITE],
  ['ldrsw x0, [x1]', 0xb980_0020, READ],
  ['strb w0, [x1], #1', 0x3800_1420, WRITE],
  ['stp x29, x30, [sp, #-16]!', 0xa9bf_7bfd, WRITE],
  ['ldp x29, x30, [sp], #16', 0xa8c1_7bfd, READ],
  ['ldr q0, [x1]', 0x3dc0_0020, READ],
  ['str q0, [x1]', 0x3d80_0020, WRITE],
  ['ldr x0, literal', 0x5800_0000, READ],
  ['ldxr x0, [x1]', 0xc85f_7c20, READ],
  ['stlr x0, [x1]', 0xc89f_fc20, WRITE],
  ['ldadd x2, x0, [x1]', 0xf822_0020, WRITE],
  ['casa w0, w1, [x2]', 0x88e0_7c41, WRITE],
  ['ld1 {v0.16b}, [x1]', 0x4c40_7020, READ],
  ['st1 {v0.16b}, [x1]', 0x4c00_7020, WRITE],
  ['add x0, x1, x2', 0x8b02_0020, {}],
  ['blr x0', 0xd63f_0000, { kind: 'call' }],
  ['br x16', 0xd61f_0200, { kind: 'call' }],
  ['ret', 0xd65f_03c0, { kind: 'return' }],
  ['retaa', 0xd65f_0bff, { kind: 'return' }],
  ['retab', 0xd65f_0fff, { kind: 'return' }],
  ['braa x0, x1', 0xd71f_0801, { kind: 'call' }],
  ['blraaz x2', 0xd63f_085f, { kind: 'call' }],
  ['braaz x3', 0xd61f_087f, { kind: 'call' }],
  ['blrab x1, x2', 0xd73f_0c22, { kind: 'call' }],
  ['ldraa x0, [x1]', 0xf820_0420, READ],
  ['caspal x0, x1, x2, x3, [x4]', 0x4860_fc82, WRITE],
  ['caspa w0, w1, w2, w3, [x4]', 0x0860_7c82, WRITE],
  ['udf #0', 0, { kind: 'undefined', mnemonic: 'udf' }],
  ['brk #1', 0xd420_0020, { kind: 'trap', mnemonic: 'brk #1' }],
]
for (const [name, instruction, expected] of ARM64) {
  it(`instructionIn() knows of aarch64: ${name}`, () => {
    const code = Buffer.alloc(4)
    code.writeUInt32LE(instruction)
    assert.deepEqual(instructionIn(code, 'aarch64'), expected)
  })
}

it('instructionIn() of any bytes throws nothing', () => {
  const machine = fc.constantFrom('x86-64' as const, 'aarch64' as const)
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 20 }), machine, (bytes, of) => {
      assert.ok(instructionIn(Buffer.from(bytes), of))
    }),
    inputs(2000),
  )
})
