/** What `make` makes of each, in their order, with so many under way at once; no more are begun than are read. */
export async function* ahead<T, R>(
  items: AsyncIterable<T>,
  most: number,
  make: (item: T) => Promise<R>,
): AsyncGenerator<R, void, void> {
  const underWay: Promise<R>[] = []
  for await (const item of items) {
    const one = make(item)
    // Who waits for it hears of its failure; until then it is nobody's.
    one.catch(() => undefined)
    underWay.push(one)
    if (underWay.length >= most) yield await (underWay.shift() as Promise<R>)
  }
  for (const one of underWay) yield await one
}
