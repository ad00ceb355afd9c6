// Characters that end a link, or are markup, in one of the chats. SigV4 signs the decoded form, so a
// presigned URL stays valid when more of it is percent-encoded than its maker did.
const UNSAFE = /[^A-Za-z0-9\-._~:/?#@!$&+,;=%]/gu
const LONGEST_LINK = 8192

export interface Link {
  readonly label: string
  /** Made by {@link webLink}: it may stand in any chat's link syntax. */
  readonly url: string
  /** The first thing to go where a chat has no room: signed with a temporary key, it has one or two kilobytes. */
  readonly isSpare?: boolean
  /** The commands of the message open what it leads to: without it they are others. */
  readonly isOpened?: boolean
}

/** `text` as an http(s) URL that may stand in any chat's link syntax, or `null` if it is no such URL. */
export function webLink(text: string | null): string | null {
  if (text === null || text.length > LONGEST_LINK || !URL.canParse(text)) return null
  const { protocol, origin, pathname, search, hash } = new URL(text)
  if (protocol !== 'http:' && protocol !== 'https:') return null
  return origin + `${pathname}${search}${hash}`.replace(UNSAFE, percentEncoded)
}

/** `value`, so that a URL has it as one value: nothing in it is a part of the URL. */
export function urlValue(value: string): string {
  return encodeURIComponent(value.toWellFormed()).replace(/[!'()*]/g, percentEncoded)
}

// Not encodeURIComponent alone: it leaves ' ( ) and * as they are.
function percentEncoded(character: string): string {
  return [...Buffer.from(character)]
    .map(byte => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`)
    .join('')
}
