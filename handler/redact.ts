/** What stands where a secret was. */
const REDACTED = '***'

// Words of names whose values are secrets, as they are met on command lines.
const SECRET_NAME =
  /pass(?:w(?:or)?d|phrase|code)?$|pwd$|secret|token|credential|api[-_.]?key|access[-_.]?key|private[-_.]?key|auth(?:orization)?$|cookie|session[-_.]?id|dsn$|connection[-_.]?string|(?:^|[-_.])(?:key|sas|pat|pin|otp)$/i

// Where a secret is kept is none, and what a person debugging wants to see.
const NO_SECRET_NAME = /(?:file|path|dir|name|type|ttl|timeout|url)$/i

// Values that are secrets whatever their name: user:password@ in URLs, bearer tokens, and the keys of
// AWS, GitHub, GitLab, Slack and Google, JSON web tokens and PEM blocks, by their fixed beginnings.
const SECRET_VALUES: readonly [RegExp, string][] = [
  [/([a-z][a-z0-9+.-]*:\/\/)[^/\s@]*@/gi, `$1${REDACTED}@`],
  [/\b(bearer|basic)\s+[\w.~+/=-]{8,}/gi, `$1 ${REDACTED}`],
  [/\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g, REDACTED],
  [/\b(?:gh[pousr]_|github_pat_|glpat-|xox[abprs]-|sk-|AIza|LTAI|AKID)[\w-]{12,}/g, REDACTED],
  [/\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*/g, REDACTED],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*/g, REDACTED],
  [/([?&;](?:sig|signature|x-amz-signature|token|key|password|secret)=)[^&;\s]+/gi, `$1${REDACTED}`],
]

// A short option with its value attached that means a password to mysql, redis-cli and the like.
const SHORT_PASSWORD = /^-p(?=[^\s-])(?!\d+$)(?=.*[\W\d_])/

/**
 * Command-line arguments with the values that look like secrets replaced: `--password=x`, `--password x`,
 * `DB_TOKEN=x`, `{"secret":"x"}`, `https://user:x@host`, and values with a well-known shape. It errs on the
 * side of replacing.
 */
export function redactArguments(args: readonly string[]): string[] {
  return args.map((argument, index) => {
    const previous = args[index - 1]
    if (previous !== undefined && isSecretOption(previous) && !argument.startsWith('--')) return REDACTED
    return redactOne(argument)
  })
}

function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name) && !NO_SECRET_NAME.test(name)
}

/** `--token` alone: its value is the next argument. */
function isSecretOption(argument: string): boolean {
  return /^--?[\w.-]+$/.test(argument) && isSecretName(argument.replace(/^-+/, ''))
}

function redactOne(argument: string): string {
  const [, name, separator] = /^(?:-{0,2})([\w.-]+)(=|:)/.exec(argument) ?? []
  if (name !== undefined && separator !== undefined && isSecretName(name)) {
    return argument.slice(0, argument.indexOf(separator) + 1) + REDACTED
  }
  if (SHORT_PASSWORD.test(argument)) return argument.slice(0, 2) + REDACTED
  return redactPairs(SECRET_VALUES.reduce((text, [pattern, by]) => text.replace(pattern, by), argument))
}

/** `password=x` and `"password": "x"` within a longer argument, as in connection strings and JSON. */
function redactPairs(argument: string): string {
  return argument.replace(
    /(["']?)([\w.-]+)\1(\s*[=:]\s*)("[^"]*"?|'[^']*'?|[^\s,;&"'}]+)/g,
    (whole, quote: string, name: string, separator: string) =>
      isSecretName(name) ? `${quote}${name}${quote}${separator}${REDACTED}` : whole,
  )
}
