import type { ElfImage } from '../image/elf-image.ts'
import { EhFrameTable } from './eh-frame-table.ts'
import { FrameIndex, type WholeSection } from './frame-index.ts'
import { type FrameDescription, type FrameSection, readDescription } from './frame-record.ts'

/** Decompressed. That of kubelet has 4 MiB, node's .eh_frame 12. */
const LARGEST_SECTION_BYTES = 32 * 1024 * 1024

interface Search {
  readonly section: FrameSection
  readonly places: { descriptionAt(address: bigint): bigint | null }
  /** What was read; threads wait in the same functions. */
  readonly known: Map<bigint, FrameDescription | null>
}

const MOST_KNOWN = 1024
/** Of each: what is larger is read again. */
const MOST_KNOWN_BYTES = 4096

/** The frame descriptions of a file: of .eh_frame, and where that says nothing, of .debug_frame. */
export class FrameDescriptions {
  readonly #image: ElfImage
  #loaded: Search | null | undefined
  #debug: Search | null | undefined

  private constructor(image: ElfImage) {
    this.#image = image
  }

  /** The same for the same image: a section without a table is read once. */
  static of(image: ElfImage): FrameDescriptions {
    const descriptions = KNOWN.get(image) ?? new FrameDescriptions(image)
    KNOWN.set(image, descriptions)
    return descriptions
  }

  /** Of the code at an address of the program headers. */
  at(address: bigint): FrameDescription | null {
    if (this.#loaded === undefined) this.#loaded = loadedSearch(this.#image)
    const found = descriptionAt(this.#loaded, address)
    if (found !== null) return found
    if (this.#debug === undefined) this.#debug = sectionSearch(this.#image, '.debug_frame', 'debug')
    return descriptionAt(this.#debug, address)
  }
}

const KNOWN = new WeakMap<ElfImage, FrameDescriptions>()

function descriptionAt(search: Search | null, address: bigint): FrameDescription | null {
  const at = search?.places.descriptionAt(address) ?? null
  const found = search === null || at === null ? null : descriptionBeginningAt(search, at)
  return found !== null && address >= found.start && address < found.end ? found : null
}

function descriptionBeginningAt({ section, known }: Search, at: bigint): FrameDescription | null {
  const found = known.get(at)
  if (found !== undefined) return found
  const description = readDescription(section, at)
  const instructionBytes =
    (description?.instructions.length ?? 0) + (description?.common.instructions.length ?? 0)
  if (known.size < MOST_KNOWN && instructionBytes <= MOST_KNOWN_BYTES) known.set(at, description)
  return description
}

function loadedSearch(image: ElfImage): Search | null {
  const table = EhFrameTable.of(image)
  if (table === null) return sectionSearch(image, '.eh_frame', 'eh')
  const section: FrameSection = { kind: 'eh', bytes: (at, lengthBytes) => image.loaded(at, lengthBytes) }
  return { section, places: table, known: new Map() }
}

function sectionSearch(image: ElfImage, name: string, kind: FrameSection['kind']): Search | null {
  const header = image.section(name)
  const content = header === undefined ? null : image.contents(header, LARGEST_SECTION_BYTES)
  if (header === undefined || content === null) return null
  // An offset in .debug_frame counts from its beginning; .eh_frame has distances between addresses.
  const startAt = kind === 'eh' ? header.address : 0n
  const section: WholeSection = {
    kind,
    content,
    startAt,
    bytes(at, lengthBytes) {
      const offset = Number(at - startAt)
      return offset < 0 || offset + lengthBytes > content.length
        ? null
        : content.subarray(offset, offset + lengthBytes)
    },
  }
  return { section, places: new FrameIndex(section), known: new Map() }
}
