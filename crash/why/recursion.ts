const LONGEST_CYCLE = 16
const MOST_REPETITIONS_SEEN = 3

/**
 * What repeats in a stack of endless recursion, begun where it is the same whatever function was at work when
 * the stack was full, which is left to chance: the stack begins elsewhere in each run. `null`: nothing repeats
 * to the end.
 */
export function cycleIn(keys: readonly string[]): readonly string[] | null {
  for (let length = 1; length <= LONGEST_CYCLE; length += 1) {
    for (let from = 0; from < LONGEST_CYCLE; from += 1) {
      if (repeats(keys, from, length)) return smallestRotation(keys.slice(from, from + length))
    }
  }
  return null
}

function repeats(keys: readonly string[], from: number, length: number): boolean {
  if (keys.length - from < MOST_REPETITIONS_SEEN * length) return false
  return keys.slice(from, keys.length - length).every((key, index) => key === keys[from + index + length])
}

function smallestRotation(cycle: readonly string[]): readonly string[] {
  const rotations = cycle.map((_, index) => [...cycle.slice(index), ...cycle.slice(0, index)])
  return rotations.toSorted((a, b) => (a.join('\0') < b.join('\0') ? -1 : 1))[0] ?? []
}

const LONGEST_REPEATED = 4

/**
 * Without what stands there again at once: how deep a recursion was depends on the data, not on the bug.
 */
export function withoutRepeats(keys: readonly string[]): readonly string[] {
  const kept: string[] = []
  for (const key of keys) {
    kept.push(key)
    for (let length = 1; length <= LONGEST_REPEATED; length += 1) {
      if (endsTwice(kept, length)) kept.length -= length
    }
  }
  return kept
}

function endsTwice(keys: readonly string[], length: number): boolean {
  if (keys.length < 2 * length) return false
  const last = keys.slice(-length)
  return keys.slice(-2 * length, -length).every((key, index) => key === last[index])
}
