import { stringify } from 'yaml'
import { COREDUMP_GROUP, type Coredump } from '../../coredump/coredump.ts'
import { showInvisible } from '../../untrusted/invisible.ts'

/** For programs, as kubectl has them. */
export const FORMS = ['json', 'yaml', 'name'] as const

export type Form = (typeof FORMS)[number]

/** All of them as one object. */
export function encoded(crashes: readonly Coredump[], form: Form): string {
  if (form === 'name')
    return crashes.map(({ metadata }) => `coredump.${COREDUMP_GROUP}/${metadata.name}\n`).join('')
  return encodedObject(
    { apiVersion: 'v1', kind: 'List', items: crashes, metadata: { resourceVersion: '' } },
    form,
  )
}

/** With nothing in it that a terminal obeys. */
export function encodedObject(object: unknown, form: 'json' | 'yaml'): string {
  if (form === 'yaml') return `${harmless(stringify(object, { lineWidth: 0 }).trimEnd(), () => '\ufffd')}\n`
  return `${harmless(JSON.stringify(object, null, 2), escaped)}\n`
}

function harmless(text: string, shown: (character: string) => string): string {
  return text
    .split('\n')
    .map(line => showInvisible(line, shown))
    .join('\n')
}

/** As JSON writes it; what is beyond 16 bits is two. */
function escaped(character: string): string {
  const units = Array.from({ length: character.length }, (_, at) => character.charCodeAt(at))
  return units.map(unit => `\\u${unit.toString(16).padStart(4, '0')}`).join('')
}
