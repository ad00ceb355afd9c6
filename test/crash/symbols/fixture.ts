import { readFileSync } from 'node:fs'
import path from 'node:path'
import { gunzipSync } from 'node:zlib'
import { ElfImage } from '../../../crash/image/elf-image.ts'
import { bytesOf } from '../../../crash/image/file-bytes.ts'

const FOLDER = path.join(import.meta.dirname, '../../fixtures/symbols')

/** An ELF file of test/fixtures/symbols; a copy, to be written to. */
export function fixture(name: string): Buffer {
  return gunzipSync(readFileSync(path.join(FOLDER, `${name}.gz`)))
}

/** `functions-x86_64.so` as xz compressed it, in one of the ways of make.sh. */
export function compressedFixture(kind: string): Buffer {
  return readFileSync(path.join(FOLDER, `functions-x86_64.so.${kind}.xz`))
}

export function imageOf(bytes: Buffer): ElfImage {
  const image = ElfImage.open(bytesOf(bytes))
  if (image === null) throw new Error('Cannot open the fixture: it is no ELF file')
  return image
}

/** As `sstrip` leaves it. */
export function withoutSections(bytes: Buffer): Buffer {
  const stripped = Buffer.from(bytes)
  stripped.fill(0, 40, 48)
  stripped.fill(0, 58, 64)
  return stripped
}
