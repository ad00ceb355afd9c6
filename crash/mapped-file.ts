import { shownText } from '../untrusted/shown-text.ts'
import { address, type ElfHeader, lengthOfText } from './elf.ts'

/** A file in the memory of a process, or a part of it. */
export interface MappedFile {
  readonly start: bigint
  readonly end: bigint
  readonly fileOffset: bigint
  readonly path: string
}

// PATH_MAX. A forged core file may say more.
const LONGEST_PATH_BYTES = 4096
// Of all of them: a byte that is no UTF-8 is four characters.
const MOST_PATH_CHARACTERS = 16 * 1024 * 1024
// Each takes five times of what its entry does.
const MOST_FILES = 300_000

/**
 * A path as the kernel writes it for a file, which ends so when that has no name any more: d_path(),
 * fs/d_path.c.
 */
export function withoutDeleted(path: string): string {
  return path.endsWith(DELETED) ? path.slice(0, -DELETED.length) : path
}

const DELETED = ' (deleted)'

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

// start-end, permissions, offset, device, inode, and the path after blanks.
const MAPS_LINE =
  /^([0-9a-f]{1,16})-([0-9a-f]{1,16}) \S{4} ([0-9a-f]{1,16}) [0-9a-f]+:[0-9a-f]+ [0-9]+ +(?=\/)/
const LONGEST_BEGINNING_BYTES = 128
const [LINE_FEED, SLASH] = [0x0a, 0x2f]

/** The files in whole lines of proc_pid_maps(5), which has a line feed in a name as `\\012`. */
export function* filesInMaps(lines: Buffer): Generator<MappedFile> {
  for (let at = 0, end = 0; at < lines.length; at = end + 1) {
    end = lines.indexOf(LINE_FEED, at)
    if (end === -1) return
    const file = fileInLine(lines.subarray(at, end))
    if (file !== null) yield file
  }
}

function fileInLine(line: Buffer): MappedFile | null {
  if (!line.includes(SLASH)) return null
  const match = MAPS_LINE.exec(line.toString('latin1', 0, LONGEST_BEGINNING_BYTES))
  if (match === null) return null
  const [beginning, start, end, offset] = match
  const path = shownText(line.subarray(beginning.length, beginning.length + LONGEST_PATH_BYTES))
  return {
    start: BigInt(`0x${start}`),
    end: BigInt(`0x${end}`),
    fileOffset: BigInt(`0x${offset}`),
    path: withoutDeleted(path.replaceAll('\\012', '\n')),
  }
}
