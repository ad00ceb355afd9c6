import { read } from 'node:fs'
import { promisify } from 'node:util'
import { ElfImage } from '../../crash/image/elf-image.ts'
import { bytesOf } from '../../crash/image/file-bytes.ts'
import { biasOf } from '../../crash/image/module.ts'
import type { ReadMemory } from '../../crash/process-memory.ts'
import { addressOfSymbol } from '../../crash/symbols/symbol-by-name.ts'
import { symbolTables } from '../../crash/symbols/symbol-tables.ts'
import type { OpenModule, Piece } from './evidence.ts'

/** Debian's has 2 MB. */
const LARGEST_LIBC_BYTES = 8 * 1024 * 1024
const LIBC = /\/libc(?:\.so\.6|-2\.[0-9.]{1,20}\.so)$/
const POINTER_BYTES = 8
/** The size of the mapping, and its text. */
const TEXT_BYTES = 4 + 2048

/** Where glibc keeps what it said before it aborted, and the memory of it. */
export interface AbortMessage {
  readonly address: bigint
  readonly pieces: readonly Piece[]
}

/** `null`: it said nothing, or it is another libc. */
export async function takeAbortMessage(
  modules: readonly OpenModule[],
  memoryAt: ReadMemory,
): Promise<AbortMessage | null> {
  const libc = modules.find(({ path, sizeBytes }) => LIBC.test(path) && sizeBytes <= LARGEST_LIBC_BYTES)
  const address = libc === undefined ? null : await abortMessageIn(libc)
  const pointer = address === null ? null : await memoryAt(address, POINTER_BYTES)
  if (address === null || pointer?.length !== POINTER_BYTES) return null
  const at = Buffer.from(pointer).readBigUInt64LE()
  const text = at === 0n ? null : await memoryAt(at, TEXT_BYTES)
  return (
    text && {
      address,
      pieces: [
        { address, bytes: pointer },
        { address: at, bytes: text },
      ],
    }
  )
}

// Read at once, and not where it is asked for: a read may hang, and a process is held.
const readAt = promisify(read)

async function abortMessageIn({ fd, sizeBytes, ranges }: OpenModule): Promise<bigint | null> {
  const { bytesRead, buffer } = await readAt(fd, Buffer.alloc(sizeBytes), 0, sizeBytes, 0)
  const image = ElfImage.open(bytesOf(buffer.subarray(0, bytesRead)))
  const bias = image === null ? null : biasOf(image, ...ranges)
  if (image === null || bias === null) return null
  const addresses = symbolTables(image).map(table => addressOfSymbol(table, '__abort_msg'))
  const found = addresses.find(address => address !== null)
  return found === undefined ? null : bias + found
}
