import { readFileSync } from 'node:fs'
import path from 'node:path'
import { Ajv } from 'ajv'
import type { Manifest } from './objects.ts'

/** What kube-apiserver publishes of itself: `node test/e2e/record-schemas.ts` wrote it down. */
const RECORDED = JSON.parse(
  readFileSync(path.resolve(import.meta.dirname, '../fixtures/kube/schemas.json'), 'utf8'),
) as { kinds: Record<string, string>; components: object }

// Formats such as int32 and date-time are not checked: the API server does that in test/e2e.
const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false })
ajv.addSchema({ $id: 'kubernetes', components: RECORDED.components })

/** What is wrong with an object, or not known of its kind; none: nothing. */
export function faultsOf(object: Manifest): string[] {
  const kind = `${object.apiVersion} ${object.kind}`
  const name = RECORDED.kinds[kind]
  if (name === undefined) return [`${kind}: no schema is recorded`]
  ajv.validate({ $ref: `kubernetes#/components/schemas/${name}` }, object)
  return (ajv.errors ?? []).map(({ instancePath, message, params }) => {
    const which = 'additionalProperty' in params ? ` (${params.additionalProperty})` : ''
    return `${object.kind} ${object.metadata.name}${instancePath}: ${message}${which}`
  })
}
