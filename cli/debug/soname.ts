import { closeSync, openSync, readSync } from 'node:fs'
import { PT_DYNAMIC } from '../../crash/elf.ts'
import { ElfImage } from '../../crash/image/elf-image.ts'
import type { FileBytes } from '../../crash/image/file-bytes.ts'
import { fileName } from './sysroot-path.ts'

const [DT_NULL, DT_STRTAB, DT_SONAME] = [0n, 5n, 14n]
const ENTRY_BYTES = 16
const MOST_ENTRIES = 1024
const LONGEST_NAME_BYTES = 256

/**
 * The name by which programs ask for a library, `libstdc++.so.6`, where its file is `libstdc++.so.6.0.30`: what
 * ldconfig makes links of. `null`: it has none that could be a file's.
 */
export function sonameOf(file: string, sizeBytes: number): string | null {
  const descriptor = openSync(file, 'r')
  try {
    const image = ElfImage.open(bytesIn(descriptor, sizeBytes))
    return image === null ? null : sonameIn(image)
  } finally {
    closeSync(descriptor)
  }
}

function sonameIn(image: ElfImage): string | null {
  const entries = dynamicEntries(image)
  const [strings, name] = [entries.get(DT_STRTAB), entries.get(DT_SONAME)]
  if (strings === undefined || name === undefined) return null
  const text = image.loaded(strings + name, LONGEST_NAME_BYTES) ?? shorter(image, strings + name)
  const end = text?.indexOf(0) ?? -1
  return text === null || end < 1 ? null : fileName(text.toString('utf8', 0, end))
}

/** At the very end of what is loaded there are fewer bytes. */
function shorter(image: ElfImage, address: bigint): Buffer | null {
  for (let length = LONGEST_NAME_BYTES / 2; length >= 8; length /= 2) {
    const found = image.loaded(address, length)
    if (found !== null) return found
  }
  return null
}

function dynamicEntries(image: ElfImage): ReadonlyMap<bigint, bigint> {
  const segment = image.segments.find(({ type }) => type === PT_DYNAMIC)
  const count = Math.min(Math.floor((segment?.fileBytes ?? 0) / ENTRY_BYTES), MOST_ENTRIES)
  const table = segment === undefined ? null : image.loaded(segment.address, count * ENTRY_BYTES)
  const entries = new Map<bigint, bigint>()
  for (let at = 0; table !== null && at < table.length; at += ENTRY_BYTES) {
    const tag = table.readBigInt64LE(at)
    if (tag === DT_NULL) break
    entries.set(tag, BigInt.asUintN(62, table.readBigUInt64LE(at + 8)))
  }
  return entries
}

function bytesIn(descriptor: number, sizeBytes: number): FileBytes {
  return {
    sizeBytes,
    read(offset, lengthBytes) {
      if (offset < 0 || lengthBytes < 0 || offset + lengthBytes > sizeBytes) return null
      const buffer = Buffer.alloc(lengthBytes)
      return readSync(descriptor, buffer, 0, lengthBytes, offset) === lengthBytes ? buffer : null
    },
  }
}
