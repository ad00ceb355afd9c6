/** How much of a structure has to be read for all of its fields, by where they begin; each has eight bytes at most. */
export function extentOf(fields: Readonly<Record<string, number>>): number {
  return Math.max(0, ...Object.values(fields)) + 8
}
