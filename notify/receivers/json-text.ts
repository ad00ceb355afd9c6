/** `value` as JSON that every parser takes: half a character, which a crash may hold, is refused by some. */
export function jsonText(value: unknown): string {
  return JSON.stringify(value, (_, inner) => (typeof inner === 'string' ? inner.toWellFormed() : inner))
}
