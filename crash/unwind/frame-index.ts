import {
  type CommonInformation,
  type FrameRecord,
  type FrameSection,
  readCommonInformation,
  readExtent,
  readRecord,
} from './frame-record.ts'

/** Node itself, of 100 MB, has 120,000 descriptions. */
const MOST_DESCRIPTIONS = 500_000
const MOST_COMMON = 10_000

interface Entry {
  readonly start: bigint
  readonly end: bigint
  readonly at: bigint
}

/** Where the description of each function is, for a section that came without a table. */
export class FrameIndex {
  readonly #sorted: readonly Entry[]

  constructor(section: FrameSection, startAt: bigint) {
    this.#sorted = [...entriesOf(section, startAt)].sort((a, b) => (a.start < b.start ? -1 : 1))
  }

  /** Where the description of the last function that begins at `address` or before is. */
  descriptionAt(address: bigint): bigint | null {
    let [low, high] = [0, this.#sorted.length]
    while (low < high) {
      const middle = (low + high) >> 1
      const entry = this.#sorted[middle]
      if (entry !== undefined && entry.start <= address) low = middle + 1
      else high = middle
    }
    return this.#sorted[low - 1]?.at ?? null
  }
}

function* entriesOf(section: FrameSection, startAt: bigint): Generator<Entry> {
  const known = new Map<bigint, CommonInformation | null>()
  let at = startAt
  for (let count = 0; count < MOST_DESCRIPTIONS; count += 1) {
    const record = readRecord(section, at)
    if (record === null || known.size > MOST_COMMON) return
    const extent = extentOf(section, record, known)
    if (extent !== null) yield { ...extent, at }
    at = record.nextAt
  }
}

function extentOf(
  section: FrameSection,
  { commonAt, content }: FrameRecord,
  known: Map<bigint, CommonInformation | null>,
): Pick<Entry, 'start' | 'end'> | null {
  if (commonAt === null) return null
  if (!known.has(commonAt)) known.set(commonAt, readCommonInformation(section, commonAt))
  const common = known.get(commonAt) ?? null
  return common === null ? null : readExtent(section, content, common)
}
