import { COREDUMP_GROUP, type Coredump } from '../../coredump/coredump.ts'
import { showInvisible } from '../../untrusted/invisible.ts'

/** For programs, as kubectl has them. */
export const FORMS = ['json', 'yaml', 'name'] as const

export type Form = (typeof FORMS)[number]

/** All of them as one object. */
export async function encoded(crashes: readonly Coredump[], form: Form): Promise<string> {
  if (form === 'name')
    return crashes.map(({ metadata }) => `coredump.${COREDUMP_GROUP}/${metadata.name}\n`).join('')
  return await encodedObject(
    { apiVersion: 'v1', kind: 'List', items: crashes, metadata: { resourceVersion: '' } },
    form,
  )
}

/** With nothing in it that a terminal obeys. */
export async function encodedObject(object: unknown, form: 'json' | 'yaml'): Promise<string> {
  if (form === 'yaml') {
    const { stringify } = await import('../../config/yaml.ts')
    return `${harmless(stringify(object, { lineWidth: 0 }).trimEnd(), () => '\ufffd')}\n`
  }
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
