/**
 * The one of `known` that a person who wrote `key` most probably meant: one that differs in case, `_` or `-`
 * only, else the one with the fewest letters changed, if they are few. `null`: none is near.
 */
export function nearestKey(key: string, known: readonly string[]): string | null {
  const wanted = bare(key)
  const same = known.find(candidate => bare(candidate) === wanted)
  if (same !== undefined) return same
  if (wanted.length > LONGEST_KEY) return null
  const [best] = known
    .map(candidate => ({ candidate, distance: editDistance(wanted, bare(candidate)) }))
    .filter(({ candidate, distance }) => distance <= Math.max(1, Math.floor(candidate.length / 3)))
    .sort((a, b) => a.distance - b.distance)
  return best?.candidate ?? null
}

const LONGEST_KEY = 64

function bare(key: string): string {
  return key.toLowerCase().replace(/[-_]/g, '')
}

/** How many letters have to be added, taken away or replaced to get from `a` to `b`. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at)
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1]
    for (const [j, other] of [...b].entries()) {
      const replaced = (row[j] ?? 0) + (letter === other ? 0 : 1)
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1))
    }
    row = next
  }
  return row.at(-1) ?? 0
}
