// What a person may have put into the wrong place: a URL with a password or a key in it, or a line whose
// indentation made it part of the value above. Rather too much is hidden than once too little.
const MAY_BE_SECRET = /@|secret|token|passw|accesskey|webhook|[?&][^=]*=|:\/\/.*\/.{16}/i

const LONGEST_SHOWN = 60

/** `written` as a message may show it: quoted, on one line, not too long, and not if it may be a secret. */
export function show(written: string): string {
  if (MAY_BE_SECRET.test(written)) return 'a value that is not shown'
  const cut = written.length > LONGEST_SHOWN ? `${written.slice(0, LONGEST_SHOWN)}…` : written
  return JSON.stringify(cut)
}

/**
 * A key as a message may show it. `key:value`, a space forgotten, is one key to YAML: its value is cut off.
 */
export function showKey(key: string): string {
  const [, name] = /^([\w./-]{1,64}?)(?::|$)/.exec(key) ?? []
  return name ?? '?'
}

/** The path of the key `name` in the section at `path`, which is empty for the whole file. */
export function joinPath(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`
}
