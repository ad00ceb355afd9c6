/** A sentence of ours in English, and the same in another language, by what stands in between; `$1` is the first part. */
export type Phrase = readonly [english: RegExp, other: string | ((...parts: readonly string[]) => string)]

/** `sentence` by the first of `phrases` that it is; `null`: it is none of them. */
export function byPhrases(sentence: string, phrases: readonly Phrase[]): string | null {
  for (const [english, other] of phrases) {
    const found = english.exec(sentence)
    if (found === null) continue
    const parts = found.slice(1).map(part => part ?? '')
    return typeof other === 'string'
      ? other.replace(/\$(\d)/g, (_, place) => parts[Number(place) - 1] ?? '')
      : other(...parts)
  }
  return null
}
