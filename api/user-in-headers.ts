import type { IdentityHeaders } from './identity-headers.ts'
import type { RequestUser } from './resource-request.ts'

/** By name in lower case, each time that it came. */
type Headers = Readonly<Record<string, readonly string[] | undefined>>

/** `null`: there is no name. */
export function userIn(headers: Headers, names: IdentityHeaders): RequestUser | null {
  const name = firstOf(headers, names.user)
  if (name === undefined) return null
  const uid = firstOf(headers, names.uid)
  const groups = names.group.flatMap(group => valuesOf(headers, group))
  return { name, ...(uid !== undefined && { uid }), groups, extra: extraIn(headers, names.extraPrefix) }
}

function firstOf(headers: Headers, names: readonly string[]): string | undefined {
  return names.flatMap(name => valuesOf(headers, name)).find(value => value !== '')
}

function extraIn(headers: Headers, prefixes: readonly string[]): RequestUser['extra'] {
  const extra = new Map<string, readonly string[]>()
  for (const header of Object.keys(headers)) {
    const prefix = prefixes.find(one => header.startsWith(one) && header.length > one.length)
    if (prefix === undefined) continue
    const key = unescaped(header.slice(prefix.length))
    extra.set(key, [...(extra.get(key) ?? []), ...valuesOf(headers, header)])
  }
  return Object.fromEntries(extra)
}

/** As the API server does it: what is not escaped well is the key itself. */
function unescaped(key: string): string {
  try {
    return decodeURIComponent(key)
  } catch {
    return key
  }
}

/** Node takes bytes for Latin-1, and Go writes UTF-8. */
function valuesOf(headers: Headers, name: string): string[] {
  return (headers[name] ?? []).map(value => Buffer.from(value, 'latin1').toString())
}
