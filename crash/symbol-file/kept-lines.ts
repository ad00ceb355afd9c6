import type { ElfImage } from '../image/elf-image.ts'
import { DebugInfo } from './debug-info.ts'
import { unitLines } from './unit-lines.ts'

/** Of DWARF in a CI; a section is in memory as a whole. */
const LARGEST_BYTES = 2 ** 31

/**
 * The sections of DWARF that say which line code came from: the lines as the compiler wrote them, and as little
 * around them as debuggers want. None: the file has no lines.
 */
export function keptLines(image: ElfImage): ReadonlyMap<string, Buffer> {
  const info = new DebugInfo()
  let [count, needsTexts] = [0, false]
  for (const unit of unitLines(image, LARGEST_BYTES)) {
    info.add(unit)
    count += 1
    needsTexts ||= unit.needsTexts
  }
  if (count === 0) return new Map()
  const copied = [
    '.debug_line',
    '.debug_line_str',
    ...(needsTexts ? ['.debug_str', '.debug_str_offsets'] : []),
  ]
  const contents = copied.flatMap(name => {
    const section = image.section(name)
    const content = section && image.contents(section, LARGEST_BYTES)
    return content == null ? [] : [[name, content] as const]
  })
  return new Map([...contents, ...info.sections()])
}
