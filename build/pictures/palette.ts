interface Palette {
  /** Three bytes each. */
  readonly colours: Buffer
  /** The number of the colour of the pixel that begins there. */
  indexOf(at: number): number
}

const MOST = 256

/** The most frequent colours; edges of letters, which have many, get the nearest of them. */
export function paletteFor(pixels: Buffer): Palette {
  const counts = new Map<number, number>()
  for (let at = 0; at < pixels.length; at += 3) {
    const colour = pixels.readUIntBE(at, 3)
    counts.set(colour, (counts.get(colour) ?? 0) + 1)
  }
  const kept = [...counts]
    .toSorted(([one, often], [other, oftenToo]) => oftenToo - often || one - other)
    .slice(0, MOST)
    .map(([colour]) => colour)
  const indices = new Map([...counts.keys()].map(colour => [colour, nearest(kept, colour)]))
  const colours = Buffer.alloc(3 * kept.length)
  for (const [index, colour] of kept.entries()) colours.writeUIntBE(colour, 3 * index, 3)
  return { colours, indexOf: at => indices.get(pixels.readUIntBE(at, 3)) ?? 0 }
}

function nearest(kept: readonly number[], colour: number): number {
  const distances = kept.map(one => distance(one, colour))
  return distances.indexOf(Math.min(...distances))
}

function distance(one: number, other: number): number {
  return [16, 8, 0].reduce((sum, bits) => sum + (((one >> bits) & 255) - ((other >> bits) & 255)) ** 2, 0)
}
