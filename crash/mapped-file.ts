import { shownText } from '../untrusted/shown-text.ts'
import { address, type ElfHeader, lengthOfText } from './elf.ts'
import { LONGEST_PATH_BYTES, mappingInLine, wholeLines, withoutDeleted } from './mapping.ts'

/** A file in the memory of a process, or a part of it. */
export interface MappedFile {
  readonly start: bigint
  readonly end: bigint
  readonly fileOffset: bigint
  readonly path: string
}

// Of all of them: a byte that is no UTF-8 is four characters.
const MOST_PATH_CHARACTERS = 16 * 1024 * 1024
// Each takes five times of what its entry does.
const MOST_FILES = 300_000

/** NT_FILE: count, page size, then start, end and offset in pages of each, then the names. */
export function* filesInNote(
  bytes: Buffer,
  { addressBytes }: Pick<ElfHeader, 'addressBytes'>,
): Generator<MappedFile> {
  const word = (index: number) => address(bytes, index * addressBytes, addressBytes)
  if (bytes.length < 2 * addressBytes) return
  const count = Number(word(0))
  const pageBytes = word(1)
  let nameAt = (2 + 3 * count) * addressBytes
  let characters = 0
  for (let index = 0; index < Math.min(count, MOST_FILES) && nameAt < bytes.length; index += 1) {
    const name = bytes.subarray(nameAt)
    const nameBytes = lengthOfText(name)
    const path = withoutDeleted(shownText(name.subarray(0, Math.min(nameBytes, LONGEST_PATH_BYTES))))
    characters += path.length
    if (characters > MOST_PATH_CHARACTERS) return
    const entry = 2 + 3 * index
    const fileOffset = word(entry + 2) * pageBytes
    yield { start: word(entry), end: word(entry + 1), fileOffset, path }
    nameAt += nameBytes + 1
  }
}

const SLASH = 0x2f

/** The files in whole lines of proc_pid_maps(5). */
export function* filesInMaps(lines: Buffer): Generator<MappedFile> {
  for (const line of wholeLines(lines)) {
    const mapping = line.includes(SLASH) ? mappingInLine(line) : null
    if (mapping === null || !mapping.name.startsWith('/')) continue
    const { start, end, fileOffset, name } = mapping
    yield { start, end, fileOffset, path: name }
  }
}
