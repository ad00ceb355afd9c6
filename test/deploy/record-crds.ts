/**
 * `node test/deploy/record-crds.ts`: writes test/fixtures/kube/crds.json, the schemas of the Prometheus operator's
 * kinds in deploy/, of the version below. By hand; `npm run fix` puts it in form.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { execa } from 'execa'
import { parse } from 'yaml'
import { type Schema, strict } from './strict-schema.ts'

const MODULE = 'github.com/prometheus-operator/prometheus-operator'
const VERSION = 'v0.85.0'
const FILES = ['podmonitors', 'prometheusrules']
const FIXTURE = path.join(import.meta.dirname, '../fixtures/kube/crds.json')

interface Definition {
  readonly spec: {
    readonly group: string
    readonly names: { readonly kind: string }
    readonly versions: readonly {
      readonly name: string
      readonly schema: { readonly openAPIV3Schema: Schema }
    }[]
  }
}

const { stdout } = await execa('go', ['mod', 'download', '-json', `${MODULE}@${VERSION}`])
const { Dir: module } = JSON.parse(stdout) as { readonly Dir: string }
const definitions = FILES.map(file =>
  path.join(module, 'example/prometheus-operator-crd', `monitoring.coreos.com_${file}.yaml`),
).map(file => parse(readFileSync(file, 'utf8')) as Definition)
const kinds: Record<string, string> = {}
const schemas: Record<string, unknown> = {}
for (const { spec } of definitions)
  for (const { name, schema } of spec.versions) {
    kinds[`${spec.group}/${name} ${spec.names.kind}`] = spec.names.kind
    schemas[spec.names.kind] = strict(schema.openAPIV3Schema)
  }
const text = JSON.stringify({ version: VERSION, kinds, components: { schemas } }, withoutFlags)
writeFileSync(FIXTURE, `${text}\n`)

/** A pattern of Go's with flags, such as `(?i)`, is none of ours. */
function withoutFlags(key: string, value: unknown): unknown {
  return key === 'pattern' && typeof value === 'string' && value.includes('(?') ? undefined : value
}
