import type { ElfImage } from '../image/elf-image.ts'
import { Abbreviations } from './abbreviations.ts'
import type { RangeSections } from './code-ranges.ts'
import { DebugSection } from './debug-section.ts'
import type { Effort } from './effort.ts'

/** .debug_info, and the sections that it points to. */
export interface DebugEntries {
  readonly info: DebugSection
  readonly abbreviations: Abbreviations
  readonly code: RangeSections
  readonly addressRanges: DebugSection
  readonly texts: TextSections
}

/** Where names may stand; of .debug_str also by a number. */
export interface TextSections {
  readonly text: DebugSection
  readonly lineText: DebugSection
  readonly textOffsets: DebugSection
}

/** What they are asked for is of `effort`; `largestBytes`: of a section that is compressed. */
export function debugEntries(image: ElfImage, effort: Effort, largestBytes?: number): DebugEntries {
  const section = (name: string) => new DebugSection(image, name, effort, largestBytes)
  return {
    info: section('.debug_info'),
    abbreviations: new Abbreviations(section('.debug_abbrev'), effort),
    code: {
      addresses: section('.debug_addr'),
      ranges: section('.debug_ranges'),
      rangeLists: section('.debug_rnglists'),
    },
    addressRanges: section('.debug_aranges'),
    texts: {
      text: section('.debug_str'),
      lineText: section('.debug_line_str'),
      textOffsets: section('.debug_str_offsets'),
    },
  }
}
