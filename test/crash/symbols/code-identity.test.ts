import assert from 'node:assert/strict'
import { it } from 'node:test'
import { ElfImage } from '../../../crash/image/elf-image.ts'
import { bytesOf } from '../../../crash/image/file-bytes.ts'
import { CodeIdentity } from '../../../crash/symbols/code-identity.ts'
import { fixture, imageOf, withoutSections } from './fixture.ts'

const NAME = 'functions-x86_64.so'
const image = imageOf(fixture(NAME))
const code = image.segments.find(({ flags }) => (flags & 1) !== 0)!
/** Of the last page: the first has the headers, too. */
const first = code.address + BigInt(code.fileBytes) - 2n
const at = (bytes: Buffer, address = first) => new CodeIdentity(imageOf(bytes)).at(address)

it('CodeIdentity is the same for each address of a page, and in each process', () => {
  assert.match(at(fixture(NAME)) ?? '', /^[0-9a-f]{64}$/)
  const identity = new CodeIdentity(image)
  assert.equal(identity.at(first + 1n), at(fixture(NAME)))
  assert.equal(identity.at(first), identity.at(first + 1n))
})

it('CodeIdentity is another one where a byte of the code is, or the layout of the file', () => {
  const known = at(fixture(NAME))
  const changed = fixture(NAME)
  const last = code.fileOffset + code.fileBytes - 1
  changed[last] = (changed[last] ?? 0) ^ 1
  const entry = fixture(NAME)
  entry.writeBigUInt64LE(entry.readBigUInt64LE(24) + 1n, 24)
  for (const other of [changed, entry, withoutSections(fixture(NAME))]) {
    const identity = at(other)
    assert.ok(identity !== null && identity !== known)
  }
})

it('CodeIdentity is none where no code is, and of a file of which only the beginning is at hand', () => {
  assert.equal(at(fixture(NAME), code.address + BigInt(code.fileBytes)), null)
  assert.equal(at(fixture(NAME), 1n << 40n), null)
  assert.equal(at(fixture(NAME), -1n), null)
  const beginning = ElfImage.open(bytesOf(fixture(NAME).subarray(0, 1024)))
  assert.ok(beginning !== null)
  assert.equal(new CodeIdentity(beginning).at(first), null)
})
