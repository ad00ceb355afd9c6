import { readFileSync } from 'node:fs'
import path from 'node:path'
import { parseAllDocuments } from 'yaml'

export const DEPLOY = path.resolve(import.meta.dirname, '../../deploy')

/** An object of Kubernetes, as its author wrote it: of what is in it, the schemas know. */
export interface Manifest {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: {
    readonly name: string
    readonly namespace?: string
    readonly labels?: Readonly<Record<string, string>>
    readonly annotations?: Readonly<Record<string, string>>
  }
  // biome-ignore lint/suspicious/noExplicitAny: what is not there, a test finds out by going there
  readonly [field: string]: any
}

/** The objects in a text of YAML documents, comments alone left out. Throws at what is no YAML. */
export function objectsIn(text: string): Manifest[] {
  const documents = parseAllDocuments(text)
  for (const { errors } of [documents].flat()) if (errors[0] !== undefined) throw errors[0]
  return [documents].flat().flatMap(document => (document.toJS() as Manifest | null) ?? [])
}

/** Those of a file in deploy/. */
export function objectsOf(file: string): Manifest[] {
  return objectsIn(readFileSync(path.join(DEPLOY, file), 'utf8'))
}

/** The one of this kind and name. Throws where there is none, or another one. */
export function find(objects: readonly Manifest[], kind: string, name: string): Manifest {
  const [found, ...others] = objects.filter(object => object.kind === kind && object.metadata.name === name)
  if (found === undefined || others.length > 0)
    throw new Error(
      `Cannot find one ${kind} "${name}": there are ${found === undefined ? 0 : others.length + 1}`,
    )
  return found
}
