const AT_ONCE = 8

/** What `ask` gives for each, in their order; a few are asked for at once. */
export async function fewAtOnce<T, Result>(
  all: readonly T[],
  ask: (one: T) => Promise<Result>,
): Promise<readonly Result[]> {
  const results: Result[] = []
  for (let at = 0; at < all.length; at += AT_ONCE)
    results.push(...(await Promise.all(all.slice(at, at + AT_ONCE).map(ask))))
  return results
}
