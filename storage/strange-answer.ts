// A page of a proxy is short, or says what it is in its first lines.
const MOST_READ = 4096

/**
 * What an answer says that is none of S3's, for a person: the title of a page, else its text; `null`: the SDK
 * could read it. What its parser says of it is about the wrong thing. Pure.
 */
export function strangeAnswer(thrown: unknown): string | null {
  const { $responseBodyText: body } = Object(thrown) as { readonly $responseBodyText?: unknown }
  if (typeof body !== 'string') return null
  const start = body.slice(0, MOST_READ)
  const [, title] = /<title>([^<]*)/i.exec(start) ?? []
  const text = (title ?? start.replace(/<[^<>]*>/g, ' ')).replace(/\s+/g, ' ').trim()
  return text === '' ? 'a page without a word' : text
}
