import { readFileSync } from 'node:fs'
import path from 'node:path'
import { Ajv } from 'ajv'
import type { Manifest } from './objects.ts'

interface Recorded {
  readonly kinds: Readonly<Record<string, string>>
  readonly components: object
}

// Formats such as int32 and date-time are not checked: the API server does that in test/e2e.
const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false })

/** What kube-apiserver publishes of itself: `node test/e2e/record-schemas.ts` wrote it down. */
const KUBERNETES = recorded('schemas')
/** What the Prometheus operator defines: `node test/deploy/record-crds.ts` did. */
const OPERATOR = recorded('crds')

function recorded(name: string): Recorded {
  const file = path.resolve(import.meta.dirname, `../fixtures/kube/${name}.json`)
  const found = JSON.parse(readFileSync(file, 'utf8')) as Recorded
  ajv.addSchema({ $id: name, components: found.components })
  return found
}

/** What is wrong with an object, or not known of its kind; none: nothing. */
export function faultsOf(object: Manifest): string[] {
  const kind = `${object.apiVersion} ${object.kind}`
  const reference = referenceTo(kind)
  if (reference === null) return [`${kind}: no schema is recorded`]
  ajv.validate({ $ref: reference }, object)
  return (ajv.errors ?? []).map(({ instancePath, message, params }) => {
    const which = 'additionalProperty' in params ? ` (${params.additionalProperty})` : ''
    return `${object.kind} ${object.metadata.name}${instancePath}: ${message}${which}`
  })
}

function referenceTo(kind: string): string | null {
  const ours = KUBERNETES.kinds[kind]
  if (ours !== undefined) return `schemas#/components/schemas/${ours}`
  const theirs = OPERATOR.kinds[kind]
  return theirs === undefined ? null : `crds#/components/schemas/${theirs}`
}
