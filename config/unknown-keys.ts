import type { Keys, Section } from './declaration.ts'
import type { Findings } from './findings.ts'
import { nearestKey } from './nearest-key.ts'
import { joinPath, showKey } from './show.ts'
import type { Branch } from './tree.ts'

/**
 * Warns of each of `entries` that `keys` does not declare. The original CoreDog ignored what it did not know,
 * and so a key in the wrong case; what had no effect for years must not begin to have one now.
 */
export function warnOfUnknownKeys(
  entries: ReadonlyMap<string, Branch>,
  path: string,
  keys: Keys,
  { root, findings }: { readonly root: Section; readonly findings: Findings },
): void {
  for (const [name, { place }] of entries) {
    if (Object.hasOwn(keys, name)) continue
    const written = joinPath(path, showKey(name))
    const meant = meantBy(showKey(name), path, keys, root)
    if (meant !== null) findings.suspect(meant, written)
    findings.foreign(path, written)
    const question = meant === null ? '' : `; did you mean ${meant}?`
    const space = name.includes(':') ? ' (a space is missing after the colon)' : ''
    findings.warn(written, `is not a key of CoreDog and is ignored${space}${question}`, place)
  }
}

/** A key of this section, or one of the same name elsewhere: that is wrong indentation. */
function meantBy(name: string, path: string, keys: Keys, root: Section): string | null {
  const near = nearestKey(name, Object.keys(keys))
  if (near !== null) return joinPath(path, near)
  const inside = (outer: string, inner: Section) => Object.keys(inner.keys).map(key => `${outer}.${key}`)
  const elsewhere = Object.entries(root.keys).flatMap(([outer, declaration]) =>
    declaration.kind === 'section' ? inside(outer, declaration) : [outer],
  )
  return elsewhere.find(known => lastOf(known) === name.toLowerCase()) ?? null
}

function lastOf(path: string): string {
  return path.slice(path.lastIndexOf('.') + 1).toLowerCase()
}
