/** What stands where a secret was. */
export const REDACTED = '***'

/**
 * Values that are secrets whatever their name: bearer tokens, keys of AWS, GitHub, GitLab, Slack, Google and
 * others by their fixed beginnings, JSON web tokens, PEM blocks, and addresses that let everyone who has them
 * write to a chat.
 */
export const SHAPES: readonly (readonly [pattern: RegExp, by: string])[] = [
  [/\b(bearer|basic|digest|negotiate)\s{1,8}[\w.~+/=-]{8,}/gi, `$1 ${REDACTED}`],
  [/\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g, REDACTED],
  [
    /\b(?:gh[pousr]_|github_pat_|glpat-|gldt-|glrt-|xox[abeprs]-|xapp-|sk-|[sr]k_live_|AIza|ya29\.|LTAI|AKID|npm_|pypi-|hf_|dop_v1_|hv[sb]\.|SG\.|shpat_|dapi|glsa_|tskey-|whsec_|dckr_pat_|figd_|lin_api_|nvapi-|sq0(?:csp|atp)-|AGE-SECRET-KEY-)[\w-]{12,}[\w.-]*/g,
    REDACTED,
  ],
  // Of those that a word may begin with, too: no more signs in them.
  [/\b(?:gsk_|xai-|ntn_|secret_|sgp_|pul-|r8_|key-|EAAC|s\.)[A-Za-z0-9]{16,}/g, REDACTED],
  [/\b(\d{6,12}:)AA[\w-]{20,}/g, `$1${REDACTED}`],
  [/\beyJ[\w-]{12,}[\w.-]*/g, REDACTED],
  [/-----BEGIN [A-Z ]{0,40}PRIVATE KEY[^\0]*/g, REDACTED],
  [
    /(\bhooks\.slack(?:-gov)?\.com\/|\/(?:web)?hooks?(?:b2)?\/|\/bot(?=\d{1,20}:))[^\s\0"']+/gi,
    `$1${REDACTED}`,
  ],
]

/**
 * A word without the user and the password before the `@` of an address. One that is not encoded as it should
 * be may have a `/`, a `?` or another `@` in it, so where a password seems to begin it ends with the last
 * `@`.
 */
export function withoutUserInfo(word: string): string {
  const last = word.lastIndexOf('@')
  let shown = ''
  let at = 0
  for (const { index } of word.matchAll(/:\/\//g)) {
    const begin = index + 3
    if (begin <= at || last < begin) continue
    const end = endOfUserInfo(word, begin, last)
    if (end === -1) continue
    shown += word.slice(at, begin) + REDACTED
    at = end
  }
  return shown + word.slice(at)
}

const AUTHORITY = /[^/?#]+/y
// A port is none.
const PASSWORD_BEGINS = /[^/?#@:]{0,128}:(?!\d{1,5}(?:[/?#]|$))/y

function endOfUserInfo(word: string, begin: number, last: number): number {
  PASSWORD_BEGINS.lastIndex = begin
  if (PASSWORD_BEGINS.test(word)) return last
  AUTHORITY.lastIndex = begin
  const length = AUTHORITY.exec(word)?.[0].lastIndexOf('@') ?? -1
  return length === -1 ? -1 : begin + length
}
