/**
 * What `ask` answers of each, in their order, with at most `atOnce` under way. Rejects with the first that does, and
 * asks no more then.
 */
export async function inParallel<T, R>(
  items: readonly T[],
  atOnce: number,
  ask: (item: T) => Promise<R>,
): Promise<readonly R[]> {
  const answers = new Array<R>(items.length)
  const waiting = items.entries()
  let isOver = false
  const work = async () => {
    for (const [index, item] of waiting) {
      if (isOver) return
      answers[index] = await ask(item)
    }
  }
  try {
    await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, work))
  } finally {
    isOver = true
  }
  return answers
}
