/**
 * `node test/e2e/record-schemas.ts`: writes test/fixtures/kube/schemas.json, what the installed
 * kube-apiserver says of the kinds in deploy/. By hand, after a change of its version or a new kind;
 * `npm run fix` puts it in form.
 */
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { type Schema, strict } from '../deploy/strict-schema.ts'
import { findKubePrograms, type KubeCluster, NO_KUBE, startKubeCluster } from './kube-cluster.ts'

const FILE = path.join(import.meta.dirname, '../fixtures/kube/schemas.json')

const KINDS: Readonly<Record<string, readonly string[]>> = {
  v1: [
    ...['Namespace', 'ResourceQuota', 'ServiceAccount', 'ConfigMap', 'Secret', 'Service', 'Pod'],
    'PersistentVolumeClaim',
  ],
  'apps/v1': ['DaemonSet', 'Deployment'],
  'batch/v1': ['Job'],
  'networking.k8s.io/v1': ['NetworkPolicy'],
  'apiregistration.k8s.io/v1': ['APIService'],
  'policy/v1': ['PodDisruptionBudget'],
  'rbac.authorization.k8s.io/v1': ['ClusterRole', 'ClusterRoleBinding', 'Role', 'RoleBinding'],
  'admissionregistration.k8s.io/v1': [
    'MutatingWebhookConfiguration',
    'MutatingAdmissionPolicy',
    'MutatingAdmissionPolicyBinding',
    'ValidatingAdmissionPolicy',
    'ValidatingAdmissionPolicyBinding',
  ],
}

async function main(): Promise<void> {
  const programs = findKubePrograms()
  if (programs === null) throw new Error(`Cannot record schemas: ${NO_KUBE}`)
  await using cluster = await startKubeCluster(programs)
  const kinds: Record<string, string> = {}
  const schemas: Record<string, Schema> = {}
  for (const [apiVersion, names] of Object.entries(KINDS)) {
    const all = await schemasOf(cluster, apiVersion)
    for (const kind of names) {
      kinds[`${apiVersion} ${kind}`] = nameOf(all, apiVersion, kind)
      take(all, nameOf(all, apiVersion, kind), schemas)
    }
  }
  const { stdout: version } = await cluster.kubectl(['get', '--raw', '/version'])
  const { gitVersion } = JSON.parse(version) as { gitVersion: string }
  writeFileSync(FILE, `${JSON.stringify({ gitVersion, kinds, components: { schemas } })}\n`)
}

async function schemasOf({ kubectl }: KubeCluster, apiVersion: string): Promise<Record<string, Schema>> {
  const where = apiVersion.includes('/') ? `apis/${apiVersion}` : `api/${apiVersion}`
  const { stdout } = await kubectl(['get', '--raw', `/openapi/v3/${where}`])
  return (JSON.parse(stdout) as { components: { schemas: Record<string, Schema> } }).components.schemas
}

function nameOf(all: Record<string, Schema>, apiVersion: string, kind: string): string {
  const [version = '', group = ''] = apiVersion.split('/').reverse()
  const name = Object.keys(all).find(name => {
    const gvks = (all[name]?.['x-kubernetes-group-version-kind'] ?? []) as Schema[]
    return gvks.some(gvk => gvk.group === group && gvk.version === version && gvk.kind === kind)
  })
  if (name === undefined) throw new Error(`Cannot record "${apiVersion} ${kind}": it is not served`)
  return name
}

/** `name`, and all that it refers to. */
function take(all: Record<string, Schema>, name: string, taken: Record<string, Schema>): void {
  if (taken[name] !== undefined) return
  const schema = strict(all[name]) as Schema
  taken[name] = schema
  const references = JSON.stringify(schema).matchAll(/"#\/components\/schemas\/([^"]+)"/g)
  for (const [, reference = ''] of references) take(all, reference, taken)
}

await main()
