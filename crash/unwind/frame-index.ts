import { Cursor } from './cursor.ts'
import {
  type CommonInformation,
  type FrameSection,
  readCommonInformation,
  readExtent,
} from './frame-record.ts'

/** Node itself, of 100 MB, has 120,000 descriptions. */
const MOST_DESCRIPTIONS = 500_000
const MOST_COMMON = 10_000
/** The length and what says which the common information is. */
const HEADER_BYTES = 8
/** DW_EH_PE_pcrel | DW_EH_PE_sdata4, as nearly all of .eh_frame is. */
const USUAL_ENCODING = 0x1b

/** A section that is at hand whole, and where it begins: the address for .eh_frame, 0 for .debug_frame. */
export interface WholeSection extends FrameSection {
  readonly content: Buffer
  readonly startAt: bigint
}

interface Entry {
  /** Where its code begins. An address above 2^53 no program has. */
  readonly start: number
  readonly offset: number
}

/**
 * Where the description of each function is, for a section that came without a table. In the 64-bit form of
 * DWARF no compiler writes one; what stands behind such a record is not found.
 */
export class FrameIndex {
  readonly #sorted: readonly Entry[]
  readonly #startAt: bigint

  constructor(section: WholeSection) {
    this.#startAt = section.startAt
    this.#sorted = entriesOf(section).sort((a, b) => a.start - b.start)
  }

  /** Where the description of the last function that begins at `address` or before is. */
  descriptionAt(address: bigint): bigint | null {
    const wanted = Number(address)
    let [low, high] = [0, this.#sorted.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#sorted[middle]?.start ?? 0) <= wanted) low = middle + 1
      else high = middle
    }
    const entry = this.#sorted[low - 1]
    return entry === undefined ? null : this.#startAt + BigInt(entry.offset)
  }
}

function entriesOf(section: WholeSection): Entry[] {
  const { content } = section
  const starts = new Starts(section)
  const entries: Entry[] = []
  for (let offset = 0; offset + HEADER_BYTES <= content.length; ) {
    const lengthBytes = content.readUInt32LE(offset)
    const end = offset + 4 + lengthBytes
    if (lengthBytes < 4 || end > content.length || entries.length === MOST_DESCRIPTIONS) break
    const start = starts.of(offset, end)
    if (start !== null) entries.push({ start, offset })
    offset = end
  }
  return entries
}

/** Where the code of each description begins: that there are many of them is why this is not read by a cursor. */
class Starts {
  readonly #section: WholeSection
  readonly #startAt: number
  readonly #common = new Map<number, CommonInformation | null>()

  constructor(section: WholeSection) {
    this.#section = section
    this.#startAt = Number(section.startAt)
  }

  /** `null`: there is no description, or none that is read. */
  of(offset: number, end: number): number | null {
    const { content, kind } = this.#section
    const id = content.readUInt32LE(offset + 4)
    const isDebug = kind === 'debug'
    if (id === (isDebug ? 0xffff_ffff : 0) || end < offset + HEADER_BYTES + 8) return null
    const at = offset + HEADER_BYTES
    if (isDebug) return content.readUInt32LE(at) + content.readUInt32LE(at + 4) * 2 ** 32
    const common = this.#commonAt(offset + 4 - id)
    if (common?.pointerEncoding === USUAL_ENCODING) return this.#startAt + at + content.readInt32LE(at)
    return common === null ? null : this.#slowly(common, at, end)
  }

  #slowly(common: CommonInformation, at: number, end: number): number | null {
    const cursor = new Cursor(this.#section.content.subarray(at, end), this.#section.startAt + BigInt(at))
    const extent = readExtent(this.#section, cursor, common)
    return extent === null ? null : Number(extent.start)
  }

  #commonAt(offset: number): CommonInformation | null {
    const known = this.#common.get(offset)
    if (known !== undefined || this.#common.size === MOST_COMMON) return known ?? null
    const common = readCommonInformation(this.#section, this.#section.startAt + BigInt(offset))
    this.#common.set(offset, common)
    return common
  }
}
