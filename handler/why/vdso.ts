import { ElfImage } from '../../crash/image/elf-image.ts'
import { bytesOf } from '../../crash/image/file-bytes.ts'
import { biasOf, type Module } from '../../crash/image/module.ts'
import type { Piece } from './evidence.ts'

/** The code that the kernel maps into each process: an ELF file that is nowhere but in memory. */
export function vdsoModule({ address, bytes }: Piece): Module[] {
  const image = ElfImage.open(bytesOf(Buffer.from(bytes)))
  const range = { start: address, end: address + BigInt(bytes.length), fileOffset: 0n }
  const bias = image === null ? null : biasOf(image, range)
  return bias === null ? [] : [{ path: '[vdso]', image, bias, ranges: [range] }]
}
