import { ElfImage } from '../image/elf-image.ts'
import { bytesOf } from '../image/file-bytes.ts'
import type { Effort } from './effort.ts'
import { unxz } from './xz.ts'

const LARGEST_COMPRESSED_BYTES = 4 << 20
const LARGEST_BYTES = 16 << 20

/**
 * The ELF file in `.gnu_debugdata`, of which the symbols of local functions are left: Fedora and its family
 * put them into what they strip.
 */
export function debugData(image: ElfImage, effort: Effort): ElfImage | null {
  const section = image.section('.gnu_debugdata')
  const compressed = section === undefined ? null : image.contents(section, LARGEST_COMPRESSED_BYTES)
  if (compressed === null || !image.room.take(LARGEST_BYTES)) return null
  const bytes = unxz(compressed, LARGEST_BYTES, effort)
  image.room.add(LARGEST_BYTES - (bytes?.length ?? 0))
  return bytes === null ? null : ElfImage.open(bytesOf(bytes), image.room)
}
