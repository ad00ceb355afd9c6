import { shownText } from '../untrusted/shown-text.ts'

/** A range of the address space of a process. */
export interface Mapping {
  readonly start: bigint
  readonly end: bigint
  /** As proc_pid_maps(5) has them: `rw-p`. */
  readonly permissions: string
  /** Path of the file, `[stack]` and the like, or empty. */
  readonly name: string
}

// PATH_MAX. A forged core file may say more.
export const LONGEST_PATH_BYTES = 4096

/**
 * A path as the kernel writes it for a file, which ends so when that has no name any more: d_path(),
 * fs/d_path.c.
 */
export function withoutDeleted(path: string): string {
  return path.endsWith(DELETED) ? path.slice(0, -DELETED.length) : path
}

const DELETED = ' (deleted)'

// start-end, permissions, offset, device, inode, and the name after blanks.
const MAPS_LINE =
  /^([0-9a-f]{1,16})-([0-9a-f]{1,16}) ([r-][w-][x-][ps]) ([0-9a-f]{1,16}) [0-9a-f]+:[0-9a-f]+ [0-9]+ */
const LONGEST_BEGINNING_BYTES = 128
const LINE_FEED = 0x0a

/** Those in whole lines of proc_pid_maps(5), which has a line feed in a name as `\\012`. */
export function mappingsInMaps(lines: Buffer): readonly Mapping[] {
  return [...wholeLines(lines)].map(mappingInLine).filter(mapping => mapping !== null)
}

export function* wholeLines(bytes: Buffer): Generator<Buffer> {
  for (let at = 0, end = 0; at < bytes.length; at = end + 1) {
    end = bytes.indexOf(LINE_FEED, at)
    if (end === -1) return
    yield bytes.subarray(at, end)
  }
}

/** Of a line without its line feed; `null`: it is none of that file. */
export function mappingInLine(line: Buffer): (Mapping & { readonly fileOffset: bigint }) | null {
  const match = MAPS_LINE.exec(line.toString('latin1', 0, LONGEST_BEGINNING_BYTES))
  if (match === null) return null
  const [beginning, start, end, permissions = '', offset] = match
  const name = shownText(line.subarray(beginning.length, beginning.length + LONGEST_PATH_BYTES))
  return {
    start: BigInt(`0x${start}`),
    end: BigInt(`0x${end}`),
    permissions,
    fileOffset: BigInt(`0x${offset}`),
    name: withoutDeleted(name.replaceAll('\\012', '\n')),
  }
}
