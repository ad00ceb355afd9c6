import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, it } from 'node:test'
import { findProgram } from '../installed-program.ts'
import { DEPLOY, find, type Manifest, objectsIn, objectsOf } from './objects.ts'
import { faultsOf } from './schemas.ts'

const kubectl = findProgram('kubectl')
const skip = kubectl === null && 'kubectl is not installed; .ci/install builds it'
const OVERLAYS = readdirSync(path.join(DEPLOY, 'overlays')).filter(name => !name.includes('.'))

function kustomize(folder: string): string {
  const command = kubectl ?? '' // skipped without it
  return execFileSync(command, ['kustomize', path.join(DEPLOY, folder)], { encoding: 'utf8' })
}

/** The lines of one that the other does not have: what an overlay is about. */
function differences(objects: readonly Manifest[], others: readonly Manifest[]): string[] {
  const known = new Set(others.map(other => JSON.stringify(other)))
  return objects
    .filter(object => !known.has(JSON.stringify(object)))
    .map(({ kind, metadata }) => `${kind} ${metadata.name}`)
    .sort()
}

describe('deploy/coredog.yaml', () => {
  const rendered = objectsOf('coredog.yaml')

  it('is what deploy/kustomization.yaml makes (if not: npm run manifests)', { skip }, () => {
    const text = readFileSync(path.join(DEPLOY, 'coredog.yaml'), 'utf8').replace(/^(#.*\n)+/, '')
    assert.equal(text, kustomize('.'))
  })

  it('has every object of base/, with the labels of all (if not: npm run manifests)', () => {
    const [{ resources, labels }] = objectsOf('base/kustomization.yaml') as [Manifest]
    const files = readdirSync(path.join(DEPLOY, 'base')).filter(file => file !== 'kustomization.yaml')
    assert.deepEqual([...resources].sort(), files.sort())
    const based = files.flatMap(file => objectsOf(path.join('base', file)))
    assert.equal(rendered.length, based.length)
    for (const { kind, metadata, ...rest } of based) {
      const labelled = { ...metadata, labels: { ...metadata.labels, ...labels[0].pairs } }
      assert.deepEqual(find(rendered, kind, metadata.name), { kind, metadata: labelled, ...rest })
    }
  })

  it('is fit for the API server, to the last field', () => {
    assert.deepEqual(rendered.flatMap(faultsOf), [])
  })

  it('brings no Secret, no certificate and no key', () => {
    assert.ok(rendered.every(({ kind }) => kind !== 'Secret'))
    assert.doesNotMatch(JSON.stringify(rendered), /caBundle|BEGIN|AKIA|hooks\.slack/)
  })

  it('has all of a namespace in coredog-system', () => {
    const elsewhere = rendered.filter(({ metadata }) => metadata.namespace !== 'coredog-system')
    assert.deepEqual(elsewhere.map(({ kind, metadata }) => `${kind} ${metadata.name}`).sort(), [
      'ClusterRole coredog-installer',
      'ClusterRole coredog-webhook',
      'ClusterRoleBinding coredog-installer',
      'ClusterRoleBinding coredog-webhook',
      'MutatingWebhookConfiguration coredog-webhook-config',
      'Namespace coredog-system',
    ])
  })
})

describe('faultsOf()', () => {
  it('finds a field that is not known, at any depth', () => {
    const daemonSet = structuredClone(find(objectsOf('coredog.yaml'), 'DaemonSet', 'coredog-installer'))
    daemonSet.spec.template.spec.tolerations[0].opperator = 'Exists'
    assert.deepEqual(faultsOf(daemonSet), [
      'DaemonSet coredog-installer/spec/template/spec/tolerations/0: must NOT have additional properties (opperator)',
    ])
  })

  it('finds a value of another type, and a kind that nobody recorded', () => {
    const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 's' }, spec: { ports: {} } }
    assert.deepEqual(faultsOf(service), ['Service s/spec/ports: must be array'])
    assert.match(faultsOf({ ...service, kind: 'Sevrice' })[0] ?? '', /no schema/)
  })
})

describe('deploy/secrets.example.yaml', () => {
  it('is fit for the API server, and holds no secret', () => {
    const [secret, ...others] = objectsOf('secrets.example.yaml') as [Manifest, ...Manifest[]]
    assert.deepEqual([others, faultsOf(secret)], [[], []])
    const [text] = Object.values(secret.stringData)
    assert.doesNotMatch(String(text), /: *\S+$/m)
  })
})

describe('deploy/overlays', { skip }, () => {
  const changes: Readonly<Record<string, readonly string[]>> = {
    flatcar: ['DaemonSet coredog-installer'],
    'gke-cos': ['DaemonSet coredog-installer'],
    irsa: ['ServiceAccount coredog-installer'],
    openshift: [
      'Namespace coredog-system',
      'RoleBinding coredog-installer-privileged',
      'RoleBinding coredog-webhook-nonroot',
    ],
    talos: ['ConfigMap coredog-config', 'DaemonSet coredog-installer'],
  }

  it('has no other ones', () => {
    assert.deepEqual(OVERLAYS.sort(), Object.keys(changes))
  })

  for (const [overlay, changed] of Object.entries(changes)) {
    it(`${overlay} changes ${changed.join(' and ')}, and nothing else`, () => {
      const objects = objectsIn(kustomize(path.join('overlays', overlay)))
      assert.deepEqual(objects.flatMap(faultsOf), [])
      assert.deepEqual(differences(objects, objectsOf('coredog.yaml')), changed)
    })
  }

  it('gives the installer of Flatcar and of GKE the directory that they have', () => {
    for (const [overlay, directory] of [
      ['flatcar', '/opt/bin'],
      ['gke-cos', '/home/kubernetes/bin'],
    ] as const) {
      const objects = objectsIn(kustomize(path.join('overlays', overlay)))
      const { args } = find(objects, 'DaemonSet', 'coredog-installer').spec.template.spec.containers[0]
      assert.ok(args.includes(`--install-dir=${directory}`), String(args))
    }
  })
})
