/** A range of the core. */
export interface CoreRange {
  readonly offset: number
  readonly lengthBytes: number
}

export function endOfRange({ offset, lengthBytes }: CoreRange): number {
  return offset + lengthBytes
}

/** In their order, and apart from each other. */
export function merged(ranges: readonly CoreRange[]): readonly CoreRange[] {
  const apart: CoreRange[] = []
  for (const { offset, lengthBytes } of ranges.toSorted((a, b) => a.offset - b.offset)) {
    const last = apart.at(-1)
    const lastEnd = last === undefined ? -1 : last.offset + last.lengthBytes
    if (last === undefined || offset > lastEnd) apart.push({ offset, lengthBytes })
    else
      apart[apart.length - 1] = {
        ...last,
        lengthBytes: Math.max(lastEnd, offset + lengthBytes) - last.offset,
      }
  }
  return apart
}

/**
 * Fills with zeros what of `block`, which begins at `offset` of the core, lies in none of `ranges`. Returns
 * how much that was.
 */
export function keepOnly(ranges: readonly CoreRange[], block: Buffer, offset: number): number {
  let leftOutBytes = 0
  let at = 0
  const leaveOutTo = (end: number) => {
    if (end > at) leftOutBytes += end - at
    block.fill(0, at, Math.max(at, end))
  }
  for (const range of ranges) {
    const from = Math.min(block.length, Math.max(0, range.offset - offset))
    const to = Math.min(block.length, Math.max(0, range.offset + range.lengthBytes - offset))
    if (to <= from) continue
    leaveOutTo(from)
    at = to
  }
  leaveOutTo(block.length)
  return leftOutBytes
}
