import assert from 'node:assert/strict'
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { it } from 'node:test'
import { deflateSync, zstdCompressSync } from 'node:zlib'
import { ElfImage } from '../../../crash/image/elf-image.ts'
import { bytesOf, type FileBytes } from '../../../crash/image/file-bytes.ts'
import { Room } from '../../../crash/image/room.ts'

const LARGEST_BYTES = 64 * 1024

it('an ElfImage has the sections of a real program, and their bytes', t => {
  const image = ElfImage.open(fileOf(process.execPath, t.after.bind(t)))
  const section = image?.section('.note.gnu.build-id') ?? image?.section('.interp')
  assert.ok(image && section)
  const bytes = image.contents(section, LARGEST_BYTES)
  assert.equal(bytes?.length, section.fileBytes)
  assert.deepEqual(image.loaded(section.address, section.fileBytes), bytes)
  assert.equal(image.addressOf(BigInt(section.fileOffset)), section.address)
})

it('an ElfImage decompresses a section, but no more of it than wanted', () => {
  const text = Buffer.from('names '.repeat(1000))
  for (const [kind, stored] of [
    [1, deflateSync(text)],
    [2, zstdCompressSync(text)],
  ] as const) {
    const image = ElfImage.open(bytesOf(elfWith(compressed(kind, stored, text.length))))
    const section = image?.section('.debug_line')
    assert.ok(image && section)
    assert.deepEqual(image.contents(section, text.length), text)
    assert.equal(image.contents(section, text.length - 1), null)
  }
  const broken = ElfImage.open(bytesOf(elfWith(compressed(1, Buffer.from('no zlib')))))
  assert.equal(broken?.contents(broken.section('.debug_line')!, LARGEST_BYTES), null)
})

it('ElfImages that share a room have no more in memory than that has, however many they are', () => {
  const text = Buffer.from('names '.repeat(1000))
  const room = new Room(2 * text.length)
  const taken = Array.from({ length: 4 }, () => {
    const image = ElfImage.open(bytesOf(elfWith(compressed(2, zstdCompressSync(text), text.length))), room)
    const section = image?.section('.debug_line')
    return section && image?.contents(section, LARGEST_BYTES)?.length
  })
  assert.deepEqual(
    taken,
    [text.length, text.length, null, null].map(length => length ?? undefined),
  )
})

it('an ElfImage is none of a file that is no ELF64 file of x86-64 or aarch64', () => {
  const elf = elfWith(Buffer.alloc(0))
  assert.equal(ElfImage.open(bytesOf(elf.subarray(0, 10))), null)
  assert.equal(ElfImage.open(bytesOf(Buffer.alloc(64))), null)
  elf.writeUInt16LE(40, 18)
  assert.equal(ElfImage.open(bytesOf(elf)), null)
})

it('an ElfImage of any bytes throws nothing', () => {
  const elf = elfWith(compressed(2, zstdCompressSync(Buffer.from('names'))))
  for (let at = 0; at < elf.length; at += 1) {
    for (const value of [0, 0x7f, 0xff]) {
      const changed = Buffer.from(elf)
      changed[at] = value
      const image = ElfImage.open(bytesOf(changed))
      for (const section of image?.sections ?? []) {
        const bytes = image?.contents(section, LARGEST_BYTES)
        assert.ok(!bytes || bytes.length <= LARGEST_BYTES)
      }
      image?.loaded(0x1000n, 16)
    }
  }
})

/** The bytes of a file that stays open until the test is over. */
function fileOf(file: string, after: (close: () => void) => void): FileBytes {
  const fd = openSync(file, 'r')
  after(() => closeSync(fd))
  return {
    sizeBytes: fstatSync(fd).size,
    read(offset, lengthBytes) {
      const bytes = Buffer.alloc(lengthBytes)
      return readSync(fd, bytes, 0, lengthBytes, offset) === lengthBytes ? bytes : null
    },
  }
}

function compressed(kind: number, stored: Buffer, sizeBytes = 5): Buffer {
  const header = Buffer.alloc(24)
  header.writeUInt32LE(kind, 0)
  header.writeBigUInt64LE(BigInt(sizeBytes), 8)
  return Buffer.concat([header, stored])
}

/** An ELF file with one section, `.debug_line`, compressed. */
function elfWith(content: Buffer): Buffer {
  const names = Buffer.from('\0.debug_line\0.shstrtab\0')
  const header = Buffer.alloc(64)
  header.write('\x7fELF\x02\x01\x01', 'latin1')
  header.writeUInt16LE(3, 16)
  header.writeUInt16LE(62, 18)
  const sectionsAt = 64 + content.length + names.length
  header.writeBigUInt64LE(BigInt(sectionsAt), 40)
  header.writeUInt16LE(56, 54)
  header.writeUInt16LE(64, 58)
  header.writeUInt16LE(3, 60)
  header.writeUInt16LE(2, 62)
  const sections = [
    Buffer.alloc(64),
    section({ name: 1, flags: 0x800n, at: 64, bytes: content.length }),
    section({ name: 13, flags: 0n, at: 64 + content.length, bytes: names.length }),
  ]
  return Buffer.concat([header, content, names, ...sections])
}

function section({ name, flags, at, bytes }: { name: number; flags: bigint; at: number; bytes: number }) {
  const header = Buffer.alloc(64)
  header.writeUInt32LE(name, 0)
  header.writeUInt32LE(1, 4)
  header.writeBigUInt64LE(flags, 8)
  header.writeBigUInt64LE(BigInt(at), 24)
  header.writeBigUInt64LE(BigInt(bytes), 32)
  return header
}
