import assert from 'node:assert/strict'
import { it } from 'node:test'
import { ElfImage, type Machine } from '../../../crash/image/elf-image.ts'
import { bytesOf } from '../../../crash/image/file-bytes.ts'
import { biasOf, Modules } from '../../../crash/image/module.ts'
import { callBefore, mayReach } from '../../../crash/unwind/call-instruction.ts'
import { Code } from '../../../crash/unwind/code.ts'
import { elfPage } from '../../fakes/elf-core.ts'

const START = 0x400000n
const AT = 0x800
const RETURN_ADDRESS = START + BigInt(AT)
// Of the second program header: the first is of the note.
const [EXECUTABLE, SEGMENT_FLAGS_AT, MACHINE_AT] = [5, 64 + 56 + 4, 18]

it('a call of x86-64 stands before a return address in each of its forms', () => {
  const forms = {
    'call rel32': 'e800010000',
    'call *%rax': 'ffd0',
    'call *%r11': '41ffd3',
    'call *(%rax)': 'ff10',
    'call *8(%rax)': 'ff5008',
    'call *8(%rsp)': 'ff542408',
    'call *0x100(%rax)': 'ff9000010000',
    'call *0x100(%r12,%rax)': '41ff940400010000',
    'call *0x100(%rip)': 'ff1500010000',
    'call *0x100': 'ff142500010000',
  }
  for (const [form, hex] of Object.entries(forms))
    assert.ok(callBefore(codeWith('x86-64', hex), RETURN_ADDRESS), form)
  for (const hex of ['90909090', 'ffe0', 'ff2500010000', 'ff30', 'c3', 'ff5008 90'])
    assert.equal(callBefore(codeWith('x86-64', hex), RETURN_ADDRESS), null, hex)
})

it('a call of aarch64 stands before a return address in each of its forms', () => {
  for (const word of [0x94000010, 0x97fffff0, 0xd63f0100, 0xd63f081f, 0xd73f0841])
    assert.ok(callBefore(codeWith('aarch64', wordHex(word)), RETURN_ADDRESS), word.toString(16))
  for (const word of [0xd61f0100, 0xd65f03c0, 0x14000010, 0xd503201f])
    assert.equal(callBefore(codeWith('aarch64', wordHex(word)), RETURN_ADDRESS), null, word.toString(16))
  assert.equal(callBefore(codeWith('aarch64', wordHex(0x94000010)), RETURN_ADDRESS + 2n), null)
})

it('a call goes where it says, and on where only a jump is', () => {
  const target = (code: Code) => callBefore(code, RETURN_ADDRESS)?.target
  assert.equal(target(codeWith('x86-64', 'e800010000')), RETURN_ADDRESS + 0x100n)
  assert.equal(target(codeWith('x86-64', 'e800010000', 'e9fb000000')), RETURN_ADDRESS + 0x200n)
  assert.equal(target(codeWith('x86-64', 'e800010000', 'e9fbffffff')), RETURN_ADDRESS + 0x100n)
  assert.equal(target(codeWith('aarch64', wordHex(0x94000041))), RETURN_ADDRESS + 0x100n)
  assert.equal(target(codeWith('aarch64', wordHex(0x94000041), wordHex(0x14000010))), RETURN_ADDRESS + 0x140n)
  assert.equal(target(codeWith('x86-64', 'ffd0')), null)
})

it('a call goes on where a near jump is, and where a mark for the processor stands before a jump', () => {
  const target = (code: Code) => callBefore(code, RETURN_ADDRESS)?.target
  assert.equal(target(codeWith('x86-64', 'e800010000', 'eb10')), RETURN_ADDRESS + 0x112n)
  assert.equal(target(codeWith('x86-64', 'e800010000', 'ebfc')), RETURN_ADDRESS + 0xfen)
  assert.equal(target(codeWith('x86-64', 'e800010000', 'f30f1efaeb10')), RETURN_ADDRESS + 0x116n)
  assert.equal(target(codeWith('x86-64', 'e800010000', 'f30f1efae9f7000000')), RETURN_ADDRESS + 0x200n)
  assert.equal(target(codeWith('x86-64', 'e800010000', 'f30f1efa90')), RETURN_ADDRESS + 0x100n)
  const marked = `${wordHex(0xd503245f)}${wordHex(0x1400000f)}`
  assert.equal(target(codeWith('aarch64', wordHex(0x94000041), marked)), RETURN_ADDRESS + 0x140n)
})

it('a call may reach what its function holds, and anything through a stub or a pointer', () => {
  const reaches = (at: bigint, ...code: [string, string?]) => {
    const all = codeWith('x86-64', ...code)
    const call = callBefore(all, RETURN_ADDRESS)
    assert.ok(call)
    return mayReach(all, call, at)
  }
  assert.equal(reaches(RETURN_ADDRESS + 0x180n, 'e800010000'), true)
  assert.equal(reaches(RETURN_ADDRESS + 0x80n, 'e800010000'), false)
  assert.equal(reaches(RETURN_ADDRESS + 0x100000n, 'e800010000'), false)
  assert.equal(reaches(0x7f0000000000n, 'e800010000', 'f30f1efaf2ff2500000000'), true)
  assert.equal(reaches(0x7f0000000000n, 'ffd0'), true)
})

it('nothing is known of code that no file has', () => {
  const code = new Code(
    'x86-64',
    { memory: { read: () => null }, modules: new Modules([]) },
    (1n << 48n) - 1n,
  )
  assert.equal(callBefore(code, RETURN_ADDRESS), null)
  assert.deepEqual(
    [code.mayBe(RETURN_ADDRESS), code.mayBe(0x9n), code.mayBe(1n << 60n)],
    [true, false, false],
  )
})

/** A program that has `before` in front of the return address, and `behind` 0x100 after it. */
function codeWith(machine: Machine, before: string, behind = ''): Code {
  const page = elfPage(Buffer.alloc(20))
  page.writeUInt16LE(machine === 'x86-64' ? 62 : 183, MACHINE_AT)
  page.writeUInt32LE(EXECUTABLE, SEGMENT_FLAGS_AT)
  const bytes = Buffer.from(before.replaceAll(' ', ''), 'hex')
  bytes.copy(page, AT - bytes.length)
  Buffer.from(behind, 'hex').copy(page, AT + 0x100)
  const image = ElfImage.open(bytesOf(page))
  const range = { start: START, end: START + BigInt(page.length), fileOffset: 0n }
  const bias = image === null ? null : biasOf(image, range)
  assert.equal(bias, 0n)
  const modules = new Modules([{ path: '/app', image, bias: 0n, ranges: [range] }])
  return new Code(machine, { memory: { read: () => null }, modules }, (1n << 48n) - 1n)
}

function wordHex(word: number): string {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(word)
  return bytes.toString('hex')
}
