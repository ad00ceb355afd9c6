import process from 'node:process'

/**
 * How many inputs a property gets, for `fc.assert()`: `count` in the gate, where all of them together are a
 * hundred thousand, and FUZZ times as many where that is set, by hand.
 */
export function inputs(count = 100, times = process.env.FUZZ): { readonly numRuns: number } {
  const factor = Number(times ?? 1)
  if (!(factor > 0)) throw new Error(`Cannot multiply inputs by FUZZ=${times}: give a number above 0`)
  return { numRuns: Math.ceil(count * factor) }
}
