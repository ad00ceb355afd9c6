// Words of names whose values are secrets, as they are met on command lines.
const SECRET =
  /pass(?:w(?:or)?ds?|wd|phrase|code|key|in|out)?\d{0,4}$|pw$|pwd$|passwort|kennwort|senha|mdp$|passe$|seed[-_.]?phrase|wallet[-_.]?seed|priv[-_.]?key|otlp[-_.]?headers$|hmac$|secret|token|credential|creds?$|(?:api|access|private|account|shared|master|encryption|signing|license|storage|subscription|ssh|auth|function)[-_.]?key|auth(?:orization)?$|cookie|session[-_.]?(?:id|key)?$|csrf|xsrf|dsn$|conn(?:ection)?[-_.]?str(?:ing)?s?(?:__\w{1,64})?$|jwt|bearer|signature|mnemonic|(?:^|[-_.])(?:key|sas|sig|pat|pin|t?otp|psk|salt|community)$|hook(?:[-_.]?url)?$/i
const HUMP = /[a-z\d]Key$/

// Where a secret is kept is none, and what a person debugging wants to see; nor is how many of them a model
// may write.
const NO_SECRET =
  /(?:file|path|dir|name|type|ttl|timeout|(?<!hook[-_.]?)url)$|(?:max|min|num|new)[-_.]?tokens$|tokeni[sz]er/i

// Without a dash before them: words of redis-cli, of `aws configure set`, of SQL.
const BARE_OPTION =
  /^(?:requirepass|masterauth|password|set-initial-password|(?:input|user|owner)_pw|[\w-]{0,32}auth[-_]?token|aws_[a-z_]{0,32}(?:secret|token)[a-z_]{0,32})$/i

const HEADER = /^(?:set-)?cookie$|^(?:proxy-)?authorization$|^x-/i

/** Whether a value of that name is a secret. */
export function isSecretName(name: string): boolean {
  return (SECRET.test(name) || HUMP.test(name)) && !NO_SECRET.test(name)
}

/** `--token` alone, and the like: its value is the next word. */
export function isSecretOption(word: string): boolean {
  const name = word.replace(/^--?/, '')
  return (name !== word && isSecretName(name)) || BARE_OPTION.test(word.slice(word.lastIndexOf(':') + 1))
}

/** An HTTP header, whose value ends with its line. */
export function isHeader(name: string): boolean {
  return HEADER.test(name) && (isSecretName(name) || /cookie/i.test(name))
}
