import type { Language } from './language/language.ts'

/** A person who is sent a link expects it to work for as long as it takes to come and look. */
const SHORT_LIFE_SECONDS = 3600

/**
 * What to say of presigned links of which one ends soon, as it does with the credentials that signed it;
 * nothing of others. Pure: a link tells by itself since when it works and for how long.
 */
export function linkEndSentences(links: readonly (string | null)[], language: Language): readonly string[] {
  const [first] = links
    .map(earlyEnd)
    .filter(end => end !== null)
    .toSorted()
  if (first === undefined) return []
  return [language.linksEnd({ links: links.length, time: first.slice(11, 16) })]
}

/** RFC 3339; `null`: it is no such link, or one that lives longer. */
function earlyEnd(link: string | null): string | null {
  if (link === null || !URL.canParse(link)) return null
  const query = new URL(link).searchParams
  const [, date, time] = /^(\d{8})T(\d{6})Z$/.exec(query.get('X-Amz-Date') ?? '') ?? []
  const seconds = Number(query.get('X-Amz-Expires') ?? Number.NaN)
  if (date === undefined || time === undefined || !(seconds < SHORT_LIFE_SECONDS)) return null
  const signed = Date.parse(`${dashed(date)}T${time.replace(/(..)(..)(..)/, '$1:$2:$3')}Z`)
  const end = new Date(signed + seconds * 1000)
  return Number.isNaN(end.getTime()) ? null : end.toISOString()
}

function dashed(date: string): string {
  return date.replace(/(....)(..)(..)/, '$1-$2-$3')
}
