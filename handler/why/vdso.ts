import { ElfImage } from '../../crash/image/elf-image.ts'
import { bytesOf } from '../../crash/image/file-bytes.ts'
import { type Module, modulesOf } from '../../crash/image/module.ts'
import type { Piece } from './evidence.ts'

/** The code that the kernel maps into each process: an ELF file that is nowhere but in memory. */
export function vdsoModule({ address, bytes }: Piece): readonly Module[] {
  const image = ElfImage.open(bytesOf(Buffer.from(bytes)))
  const range = { start: address, end: address + BigInt(bytes.length), fileOffset: 0n }
  return image === null ? [] : modulesOf('[vdso]', image, [range])
}
