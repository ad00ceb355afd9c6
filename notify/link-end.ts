/** Who is told of a link expects it to work for as long as it takes to come and look. */
const SHORT_LIFE_SECONDS = 3600

/**
 * What to say of a presigned link that ends soon, as one does with the credentials that signed it; nothing of others. Pure: a link
 * tells by itself since when it works and for how long.
 */
export function linkEndSentences(link: string | null): readonly string[] {
  if (link === null || !URL.canParse(link)) return []
  const query = new URL(link).searchParams
  const [, date, time] = /^(\d{8})T(\d{6})Z$/.exec(query.get('X-Amz-Date') ?? '') ?? []
  const seconds = Number(query.get('X-Amz-Expires') ?? Number.NaN)
  if (date === undefined || time === undefined || !(seconds < SHORT_LIFE_SECONDS)) return []
  const signed = Date.parse(`${dashed(date)}T${time.replace(/(..)(..)(..)/, '$1:$2:$3')}Z`)
  const end = new Date(signed + seconds * 1000)
  return Number.isNaN(end.getTime())
    ? []
    : [`The link works until ${end.toISOString().slice(11, 16)} UTC only.`]
}

function dashed(date: string): string {
  return date.replace(/(....)(..)(..)/, '$1-$2-$3')
}
