import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, it } from 'node:test'
import { parseConfig } from '../../config/parse-config.ts'
import { findProgram } from '../installed-program.ts'
import { DEPLOY, find, type Manifest, objectsIn, objectsOf } from './objects.ts'
import { faultsOf } from './schemas.ts'

const kubectl = findProgram('kubectl')
const skip = kubectl === null && 'kubectl is not installed; .ci/install builds it'
const OVERLAYS = readdirSync(path.join(DEPLOY, 'overlays')).filter(name => !name.includes('.'))

const MADE = new Map<string, string>()

function kustomize(folder: string): string {
  const command = kubectl ?? '' // skipped without it
  const made =
    MADE.get(folder) ?? execFileSync(command, ['kustomize', path.join(DEPLOY, folder)], { encoding: 'utf8' })
  MADE.set(folder, made)
  return made
}

/** The lines of one that the other does not have: what an overlay is about. */
function differences(objects: readonly Manifest[], others: readonly Manifest[]): string[] {
  const known = new Set(others.map(other => JSON.stringify(other)))
  return objects
    .filter(object => !known.has(JSON.stringify(object)))
    .map(({ kind, metadata }) => `${kind} ${metadata.name}`)
    .sort()
}

/** Those of a folder, with the labels that its kustomization gives to all. */
function labelledIn(folder: string): Manifest[] {
  const [{ resources, labels }] = objectsOf(path.join(folder, 'kustomization.yaml')) as [Manifest]
  const files = readdirSync(path.join(DEPLOY, folder)).filter(file => file !== 'kustomization.yaml')
  assert.deepEqual([...resources].sort(), files.sort())
  return files
    .flatMap(file => objectsOf(path.join(folder, file)))
    .map(({ kind, metadata, ...rest }) => {
      const labelled = { ...metadata, labels: { ...metadata.labels, ...labels[0].pairs } }
      return { kind, metadata: labelled, ...rest } as Manifest
    })
}

function textBelowComment(file: string): string {
  return readFileSync(path.join(DEPLOY, file), 'utf8').replace(/^(#.*\n)+/, '')
}

describe('deploy/coredog.yaml', () => {
  const rendered = objectsOf('coredog.yaml')

  it('is what deploy/kustomization.yaml makes (if not: npm run manifests)', { skip }, () => {
    assert.equal(textBelowComment('coredog.yaml'), kustomize('.'))
  })

  it('has every object of base/, with the labels of all (if not: npm run manifests)', () => {
    const based = labelledIn('base')
    assert.equal(rendered.length, based.length)
    for (const object of based) assert.deepEqual(find(rendered, object.kind, object.metadata.name), object)
  })

  it('has nothing of the webhook, which only the fallback needs', () => {
    assert.deepEqual(
      rendered.filter(object => /webhook/i.test(`${object.kind} ${object.metadata.name}`)),
      [],
    )
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
      'ClusterRole coredog-operator',
      'ClusterRoleBinding coredog-installer',
      'Namespace coredog-system',
    ])
  })
})

describe('deploy/coredog-fallback.yaml', () => {
  const rendered = objectsOf('coredog-fallback.yaml')

  it('is what deploy/overlays/fallback makes (if not: npm run manifests)', { skip }, () => {
    assert.equal(textBelowComment('coredog-fallback.yaml'), kustomize('overlays/fallback'))
  })

  it('has every object of webhook/ beside those of coredog.yaml (if not: npm run manifests)', () => {
    const added = labelledIn('webhook')
    for (const object of added) assert.deepEqual(find(rendered, object.kind, object.metadata.name), object)
    assert.equal(rendered.length, objectsOf('coredog.yaml').length + added.length)
  })

  it('is fit for the API server, to the last field', () => {
    assert.deepEqual(rendered.flatMap(faultsOf), [])
  })

  it('brings one Secret, which is empty and stays as the webhook fills it when this is applied again', () => {
    const [secret, ...others] = rendered.filter(({ kind }) => kind === 'Secret')
    assert.deepEqual([secret?.metadata.name, others], ['coredog-webhook-certificate', []])
    assert.deepEqual([secret?.data, secret?.stringData], [undefined, undefined])
    assert.doesNotMatch(JSON.stringify(rendered), /"caBundle":|BEGIN|AKIA|hooks\.slack/)
  })

  it('lets nobody make a Secret, nor write another one than the certificate', () => {
    const rules = rendered.flatMap(({ kind, rules }) => (kind.endsWith('Role') ? rules : []))
    const ofSecrets = rules.filter(({ resources }) => resources.includes('secrets'))
    assert.deepEqual(
      ofSecrets.map(({ resourceNames, verbs }) => [resourceNames, verbs]),
      [[['coredog-webhook-certificate'], ['get', 'patch']]],
    )
    for (const { verbs, resources } of rules) assert.ok(![...verbs, ...resources].includes('*'))
  })

  it('has the fallback on, in a configuration that is fine with a bucket', () => {
    const text: string = find(rendered, 'ConfigMap', 'coredog-config').data['coredog.yaml']
    const filled = text.replace(/S3Bucket:.*/, 'S3Bucket: c').replace(/s3Region:.*/, 's3Region: eu-1')
    const { config, warnings } = parseConfig(filled)
    assert.deepEqual([config.fallback.hostPath, warnings], [true, []])
  })
})

describe('deploy/coredog-api.yaml', () => {
  const rendered = objectsOf('coredog-api.yaml')

  it('is what deploy/api makes (if not: npm run manifests)', { skip }, () => {
    assert.equal(textBelowComment('coredog-api.yaml'), kustomize('api'))
  })

  it('has every object of api/, and nothing that its removal would take from CoreDog', () => {
    const added = labelledIn('api')
    for (const object of added) assert.deepEqual(find(rendered, object.kind, object.metadata.name), object)
    assert.equal(rendered.length, added.length)
    const names = objectsOf('coredog-fallback.yaml').map(({ kind, metadata }) => `${kind} ${metadata.name}`)
    const both = rendered.filter(({ kind, metadata }) => names.includes(`${kind} ${metadata.name}`))
    assert.deepEqual(both, [])
  })

  it('is fit for the API server, to the last field', () => {
    assert.deepEqual(rendered.flatMap(faultsOf), [])
  })

  it('brings one Secret, which is empty, and no authority', () => {
    const [secret, ...others] = rendered.filter(({ kind }) => kind === 'Secret')
    assert.deepEqual([secret?.metadata.name, others], ['coredog-api-certificate', []])
    assert.deepEqual([secret?.data, secret?.stringData], [undefined, undefined])
    assert.doesNotMatch(JSON.stringify(rendered), /"caBundle":|BEGIN|AKIA/)
  })

  it('lets coredog-api read no Secret but that of its certificate, and no pod', () => {
    const own = rendered.filter(({ kind, metadata }) => /Role$/.test(kind) && metadata.name === 'coredog-api')
    const rules = own.flatMap(({ rules }) => rules)
    assert.equal(own.length, 2)
    for (const { verbs, resources } of rules) {
      assert.ok(![...verbs, ...resources].includes('*'))
      assert.ok(!resources.some((resource: string) => /^(pods|configmaps)/.test(resource)))
    }
    const ofSecrets = rules.filter(({ resources }) => resources.includes('secrets'))
    assert.deepEqual(
      ofSecrets.map(({ resourceNames, verbs }) => [resourceNames, verbs]),
      [[['coredog-api-certificate'], ['get', 'patch']]],
    )
  })

  it('gives nobody memory who was not given it: of the roles for people only that without is part of others', () => {
    const aggregated = rendered.filter(({ metadata }) =>
      Object.keys(metadata.labels ?? {}).some(label => label.includes('aggregate-to')),
    )
    assert.deepEqual(
      aggregated.map(({ metadata }) => metadata.name),
      ['coredog-viewer'],
    )
    const [{ rules }] = aggregated as [Manifest]
    const shown = rules.flatMap(({ resources }: Manifest) => resources)
    assert.deepEqual(shown, ['coredumps', 'coredumps/report', 'coredumps/backtrace', 'coredumps/group'])
  })

  it('does not give the service what may write to the store', () => {
    const { volumes } = find(rendered, 'Deployment', 'coredog-api').spec.template.spec
    const secrets = volumes.flatMap(({ secret }: Manifest) => secret?.secretName ?? [])
    assert.deepEqual(secrets, ['coredog-api-secrets', 'coredog-api-tls'])
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

const WEBHOOK = objectsOf('coredog-fallback.yaml')
  .filter(object => /webhook/i.test(`${object.kind} ${object.metadata.name}`))
  .map(({ kind, metadata }) => `${kind} ${metadata.name}`)

const API = objectsOf('coredog-api.yaml').map(({ kind, metadata }) => `${kind} ${metadata.name}`)

const WORKLOADS = [...objectsOf('coredog-fallback.yaml'), ...objectsOf('coredog-api.yaml')]

describe('deploy/overlays', { skip }, () => {
  const changes: Readonly<Record<string, readonly string[]>> = {
    api: API,
    'detector-paths': [...API, 'APIService v1alpha1.coredump.fujitsu.com'],
    fallback: ['ConfigMap coredog-config', ...WEBHOOK],
    flatcar: ['DaemonSet coredog-installer'],
    'gke-cos': ['DaemonSet coredog-installer'],
    irsa: ['ServiceAccount coredog-installer'],
    monitoring: ['ConfigMap coredog-dashboard', 'PodMonitor coredog', 'PrometheusRule coredog'],
    'network-policy': ['NetworkPolicy coredog-installer'],
    openshift: ['Namespace coredog-system', 'RoleBinding coredog-installer-privileged'],
    talos: ['ConfigMap coredog-config', 'DaemonSet coredog-installer', ...WEBHOOK],
  }

  it('has no other ones', () => {
    assert.deepEqual(OVERLAYS.sort(), Object.keys(changes))
  })

  for (const [overlay, changed] of Object.entries(changes)) {
    it(`${overlay} changes ${changed.join(' and ')}, and nothing else`, () => {
      const objects = objectsIn(kustomize(path.join('overlays', overlay)))
      assert.deepEqual(objects.flatMap(faultsOf), [])
      assert.deepEqual(differences(objects, objectsOf('coredog.yaml')), changed.toSorted())
    })
  }

  for (const [name, added] of [
    ['webhook', 'the fallback'],
    ['api', 'coredog-api'],
  ]) {
    it(`openshift has a binding for the ${name} at hand, for who adds ${added}`, () => {
      const bound = objectsOf(`overlays/openshift/${name}-role-binding.yaml`)
      assert.deepEqual(bound.flatMap(faultsOf), [])
      assert.deepEqual(
        bound.map(({ subjects }) => subjects[0].name),
        [`coredog-${name}`],
      )
    })
  }

  it('detector-paths lets coredog-api answer there, and write its authority there', () => {
    const objects = objectsIn(kustomize('overlays/detector-paths'))
    const { args } = find(objects, 'Deployment', 'coredog-api').spec.template.spec.containers[0]
    assert.ok(args.includes('--detector-paths'), String(args))
    const services = objects.filter(({ kind }) => kind === 'APIService').map(({ metadata }) => metadata.name)
    const rule = find(objects, 'ClusterRole', 'coredog-api').rules.find(({ resources }: Manifest) =>
      resources.includes('apiservices'),
    )
    assert.deepEqual(rule.resourceNames, services)
  })

  it('monitoring has labels by which Prometheus and Grafana find what is theirs', () => {
    const objects = objectsIn(kustomize('overlays/monitoring'))
    for (const kind of ['PodMonitor', 'PrometheusRule'])
      assert.equal(find(objects, kind, 'coredog').metadata.labels?.release, 'kube-prometheus-stack')
    const dashboard = find(objects, 'ConfigMap', 'coredog-dashboard')
    assert.equal(dashboard.metadata.labels?.grafana_dashboard, '1')
    assert.equal(JSON.parse(dashboard.data['coredog.json']).title, 'CoreDog')
  })

  it('monitoring asks each pod of ours, on the port that it has for that', () => {
    const objects = [...objectsIn(kustomize('overlays/monitoring')), ...WORKLOADS]
    const { selector, podMetricsEndpoints } = find(objects, 'PodMonitor', 'coredog').spec
    const pods = objects.flatMap(({ kind, spec }) =>
      ['DaemonSet', 'Deployment'].includes(kind) ? spec.template : [],
    )
    assert.ok(pods.length >= 3)
    for (const { metadata, spec } of pods) {
      assert.deepEqual({ ...metadata.labels, ...selector.matchLabels }, metadata.labels)
      const [{ key, values }] = selector.matchExpressions
      assert.ok(values.includes(metadata.labels[key]), metadata.labels[key])
      const ports = spec.containers.flatMap(({ ports }: Manifest) => ports.map((port: Manifest) => port.name))
      for (const { port } of podMetricsEndpoints) assert.ok(ports.includes(port), port)
    }
  })

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
