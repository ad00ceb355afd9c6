import assert from 'node:assert/strict'
import path from 'node:path'
import { after, before, describe, it } from 'node:test'
import { pino } from 'pino'
import { Membership } from '../../installer/membership.ts'
import { watchPods } from '../../installer/supply/pods.ts'
import { EventSeries } from '../../installer/telemetry/event-series.ts'
import { nodeEvent } from '../../installer/telemetry/events.ts'
import type { KubeAccess } from '../../kube/access.ts'
import { KubeClient } from '../../kube/client.ts'
import { KubeError } from '../../kube/errors.ts'
import type { KubeObject } from '../../kube/objects.ts'
import { keepCertificate } from '../../serving/certificate/keeper.ts'
import type { Secret } from '../../serving/certificate/secret.ts'
import { webhookCaller } from '../../serving/certificate/webhook-caller.ts'
import { NamespaceLevels } from '../../webhook/admission/namespaces.ts'
import { eventually } from './eventually.ts'
import { findKubePrograms, type KubeCluster, NO_KUBE, startKubeCluster } from './kube-cluster.ts'

const programs = findKubePrograms()
const skip = programs === null && NO_KUBE
const DEPLOY = path.resolve(import.meta.dirname, '../../deploy')
/** All that there is: coredog.yaml, and the webhook. */
const RENDERED = path.join(DEPLOY, 'coredog-fallback.yaml')
const NAMESPACE = 'coredog-system'
const IN_NAMESPACE = `/api/v1/namespaces/${NAMESPACE}`
const WEBHOOK_CONFIGURATION =
  '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/coredog-webhook-config'
const WEBHOOK_USER = `system:serviceaccount:${NAMESPACE}:coredog-webhook`
const log = pino({ level: 'silent' })

interface Workload extends KubeObject {
  readonly spec: { readonly template: { readonly spec: PodSpec } }
}

interface PodSpec {
  readonly containers: readonly { readonly image: string; readonly command: readonly string[] }[]
  readonly volumes: readonly { readonly name: string; readonly secret?: { readonly secretName: string } }[]
}

interface WebhookConfiguration extends KubeObject {
  readonly webhooks: readonly { readonly clientConfig: { readonly caBundle?: string } }[]
}

function workload(cluster: KubeCluster, where: string): Promise<Workload> {
  return cluster.kube.get<Workload>(`/apis/apps/v1/namespaces/${NAMESPACE}/${where}`)
}

async function caBundle({ kube }: KubeCluster): Promise<string | undefined> {
  return (await kube.get<WebhookConfiguration>(WEBHOOK_CONFIGURATION)).webhooks[0]?.clientConfig.caBundle
}

/** The certificate keeper with the rights in `access`, until `isEnough`. */
async function keepCertificateUntil(access: KubeAccess, isEnough: () => Promise<boolean>): Promise<void> {
  const kube = new KubeClient(access)
  const ending = new AbortController()
  const kept = keepCertificate(
    {
      kube,
      namespace: NAMESPACE,
      serviceName: 'coredog-webhook',
      secretName: 'coredog-webhook-certificate',
      owner: 'coredog-webhook',
      callers: [webhookCaller('coredog-webhook-config')],
      log,
    },
    () => undefined,
    ending.signal,
  )
  try {
    await eventually('a trusted certificate', 30, async () => (await isEnough()) || undefined)
  } finally {
    ending.abort()
    await kept
    await kube.close()
  }
}

describe('deploy/ at a real API server', { skip, timeout: 240_000 }, () => {
  let cluster: KubeCluster
  let installer: KubeAccess
  let webhook: KubeAccess

  before(async () => {
    cluster = await startKubeCluster(programs!) // skipped without them
    await cluster.kubectl(['apply', '-f', path.join(DEPLOY, 'base/namespace.yaml')])
    installer = await cluster.addServiceAccount(NAMESPACE, 'coredog-installer')
    webhook = await cluster.addServiceAccount(NAMESPACE, 'coredog-webhook')
    await cluster.kubectl(['apply', '--validate=strict', '-f', RENDERED])
  })
  after(() => cluster?.[Symbol.asyncDispose]())

  it('changes nothing when it is applied again, in either way, and warns of nothing', async () => {
    const before = await versions(['apply', '-f', RENDERED])
    assert.ok(before.length > 15, String(before))
    assert.deepEqual(await versions(['apply', '-k', path.join(DEPLOY, 'overlays/fallback')]), before)
  })

  it('gives the installer the rights that it uses', async t => {
    const kube = new KubeClient(installer)
    t.after(() => kube.close())
    await cluster.addNamespace('shop')
    await cluster.kubectl(['apply', '-f', '-'], await crashing())
    // The authorizer hears of a role a moment later.
    await eventually('the roles to count', 20, () => kube.list('/api/v1/pods'))
    const ending = new AbortController()
    const texts: string[] = []
    const faults: string[] = []
    const telling = pino({}, { write: line => faults.push(line) })
    const write = async (text: string) => void texts.push(text)
    const watched = { kube, nodeName: 'node-1', write, isWanted: () => true, log: telling }
    const watching = watchPods(watched, ending.signal)
    await eventually('the pod with its workload', 30, () => texts.at(-1)?.includes('"web"') || undefined)
    await cluster.kubectl(['annotate', 'pod', 'web-1-x', '-n', 'shop', 'coredog.io/inject=true'])
    await eventually('the annotation, by the watch', 30, () => texts.at(-1)?.includes('inject') || undefined)
    ending.abort()
    await watching
    assert.deepEqual(faults, [])

    await postAsOne(kube, ['first', 'second', 'third'])
    const own = new Membership(kube, { namespace: NAMESPACE, daemonSet: 'coredog-installer', node: 'node-1' })
    assert.equal(await own.isLeaving(), false)
    await kube.get(`/api/v1/namespaces/${NAMESPACE}`)
    await assert.rejects(kube.get('/api/v1/nodes/no-such-node'), { reason: 'NotFound' })
    await assert.rejects(kube.get('/api/v1/namespaces/default'), { reason: 'Forbidden' })
    const another = new Membership(kube, { namespace: NAMESPACE, daemonSet: 'coredog-other', node: 'node-1' })
    assert.equal(await another.isLeaving(), false, 'it may look at other DaemonSets')
  })

  it('gives the webhook the rights that it uses, and what it wrote stays when it is applied again', async () => {
    assert.equal(await caBundle(cluster), undefined)
    await keepCertificateUntil(webhook, async () => (await caBundle(cluster)) !== undefined)
    const [written, certificate] = [await caBundle(cluster), await dataOfSecret()]
    assert.deepEqual(Object.keys(certificate), ['ca.crt', 'ca.key', 'tls.crt', 'tls.key'])
    await cluster.kubectl(['apply', '-f', RENDERED])
    assert.deepEqual([await caBundle(cluster), await dataOfSecret()], [written, certificate])

    const kube = new KubeClient(webhook)
    const faults: string[] = []
    const telling = pino({}, { write: line => faults.push(line) })
    const levels = new NamespaceLevels(kube, telling)
    assert.equal(await levels.levelOf(NAMESPACE), 'privileged')
    const ending = new AbortController()
    const following = levels.follow(ending.signal)
    await cluster.addNamespace('bank', { 'pod-security.kubernetes.io/enforce': 'baseline' })
    await eventually('the new namespace', 30, async () =>
      (await levels.levelOf('bank')) === 'baseline' ? true : undefined,
    )
    ending.abort()
    await following
    await kube.close()
    assert.deepEqual(faults, [])
  })

  const [service, rule] = [
    { namespace: 'default', name: 'kubernetes', path: '/', port: 443 },
    { apiGroups: ['*'], apiVersions: ['*'], operations: ['*'], resources: ['*/*'] },
  ]
  const add = (at: string, value: unknown) => ({ op: 'add', path: at, value })
  for (const [what, change] of Object.entries({
    'ask it of everything': add('/webhooks/0/rules/-', rule),
    'ask it in every namespace': add('/webhooks/0/namespaceSelector', {}),
    'ask it of every pod': { op: 'remove', path: '/webhooks/0/matchConditions' },
    'hold up pods': add('/webhooks/0/failurePolicy', 'Fail'),
    'hold up pods for longer': add('/webhooks/0/timeoutSeconds', 30),
    'ask somebody else': add('/webhooks/0/clientConfig', { url: 'https://evil.example/' }),
    'ask another service': add('/webhooks/0/clientConfig/service', service),
    'ask it under another name': add('/webhooks/0/name', 'other.coredog.io'),
    'have no webhook': { op: 'remove', path: '/webhooks' },
    'be kept by a finalizer': add('/metadata/finalizers', ['evil.example/x']),
    'have another label': add('/metadata/labels/x', 'y'),
  })) {
    it(`does not let the webhook change its own configuration to ${what}`, () =>
      assert.rejects(
        changeConfiguration([change], `--as=${WEBHOOK_USER}`),
        /may change nothing but clientConfig\.caBundle/,
      ))
  }

  it('does not let the webhook make a Secret, or write that of the installer', async t => {
    const kube = new KubeClient(webhook)
    t.after(() => kube.close())
    const name = 'coredog-secrets'
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace: NAMESPACE } }
    await assert.rejects(kube.create(`${IN_NAMESPACE}/secrets`, secret), isForbidden)
    await assert.rejects(kube.patch(`${IN_NAMESPACE}/secrets/${name}`, { data: {} }), isForbidden)
  })

  it('lets everybody else change it who may', () => changeConfiguration([add('/metadata/labels/x', 'y')]))

  it('gives neither of them any other right', async () => {
    assert.deepEqual(await rulesOf(installer), [
      'create events.events.k8s.io',
      'create leases.coordination.k8s.io',
      'get daemonsets.apps coredog-installer',
      'get jobs.batch',
      'get namespaces',
      'get namespaces kube-system',
      'get nodes',
      'get replicasets.apps',
      'get,patch leases.coordination.k8s.io coredog-upkeep',
      'list namespaces',
      'list,watch pods',
    ])
    assert.deepEqual(await rulesOf(webhook), [
      'get,list,watch namespaces',
      'get,patch mutatingwebhookconfigurations.admissionregistration.k8s.io coredog-webhook-config',
      'get,patch secrets coredog-webhook-certificate',
    ])
  })

  it('lets the pods of both in: priority, quota, Pod Security', async () => {
    for (const where of ['daemonsets/coredog-installer', 'deployments/coredog-webhook'])
      await tryPod(NAMESPACE, await workload(cluster, where))
    // What the quota is for cannot be seen without the admission configuration of GKE; that it counts can.
    const { stdout } = await cluster.kubectl(['get', 'resourcequota', '-n', NAMESPACE, '-o', 'name'])
    assert.equal(stdout, 'resourcequota/coredog-critical-pods')
  })

  it('has a webhook that would do in the most restricted namespace', async () => {
    await cluster.addNamespace('strict', { 'pod-security.kubernetes.io/enforce': 'restricted' })
    await cluster.addServiceAccount('strict', 'coredog-webhook')
    await tryPod('strict', await workload(cluster, 'deployments/coredog-webhook'))
    await cluster.addServiceAccount('strict', 'coredog-installer')
    const refused = tryPod('strict', await workload(cluster, 'daemonsets/coredog-installer'))
    await assert.rejects(refused, /violates PodSecurity/)
  })

  for (const overlay of ['fallback', 'flatcar', 'gke-cos', 'irsa', 'network-policy', 'openshift', 'talos']) {
    it(`is taken with the overlay ${overlay}, strictly`, async () => {
      const trial = ['apply', '--dry-run=server', '--validate=strict']
      const { stderr } = await cluster.kubectl([...trial, '-k', path.join(DEPLOY, 'overlays', overlay)])
      assert.equal(stderr, '')
    })
  }

  it('is taken without the webhook, strictly', async () => {
    const trial = ['apply', '--dry-run=server', '--validate=strict']
    const { stdout, stderr } = await cluster.kubectl([...trial, '-k', DEPLOY])
    assert.equal(stderr, '')
    assert.doesNotMatch(stdout, /webhook/)
  })

  it('takes the example of the Secret, too', async () => {
    const example = path.join(DEPLOY, 'secrets.example.yaml')
    await cluster.kubectl(['apply', '--dry-run=server', '--validate=strict', '-f', example])
  })

  it('has an installer that sees its namespace go, while its DaemonSet is there still', async () => {
    const kube = new KubeClient(installer)
    const member = new Membership(kube, {
      namespace: NAMESPACE,
      daemonSet: 'coredog-installer',
      node: 'node-1',
    })
    assert.equal(await member.isLeaving(), false)
    // No controller is here to empty it, so it stays as it is at first: its pods are told to stop before all
    // else goes.
    await cluster.kubectl(['delete', 'namespace', NAMESPACE, '--wait=false'])
    assert.equal(await member.isLeaving(), true)
    await workload(cluster, 'daemonsets/coredog-installer')
    await kube.close()
  })

  /** Events that are alike: the API server takes the one with their count. */
  async function postAsOne(kube: KubeClient, notes: readonly string[]): Promise<void> {
    const series = new EventSeries({ now: () => 0, random: Math.random })
    for (const note of notes) series.add(nodeEvent('node-1', 'Test', note), '')
    const event = series.take() ?? assert.fail()
    await kube.create('/apis/events.k8s.io/v1/namespaces/default/events', event)
    assert.equal(event.series?.count, notes.length)
  }

  async function changeConfiguration(patch: readonly object[], ...options: readonly string[]): Promise<void> {
    const what = ['mutatingwebhookconfiguration', 'coredog-webhook-config', '--type=json', '--dry-run=server']
    await cluster.kubectl(['patch', ...what, '-p', JSON.stringify(patch), ...options])
  }

  async function dataOfSecret(): Promise<Readonly<Record<string, string>>> {
    const secret = await cluster.kube.get<Secret>(`${IN_NAMESPACE}/secrets/coredog-webhook-certificate`)
    return secret.data ?? {}
  }

  /** Kind, name and resource version of all that a kubectl command has written. */
  async function versions(command: readonly string[]): Promise<string[]> {
    const { stdout, stderr } = await cluster.kubectl([...command, '-o', 'json'])
    assert.equal(stderr, '')
    const { items } = JSON.parse(stdout) as { items: KubeObject[] }
    return items.map(({ kind, metadata }) => `${kind} ${metadata?.name} ${metadata?.resourceVersion}`).sort()
  }

  /** A pod of ReplicaSet web-1, which is of Deployment web. */
  async function crashing(): Promise<object> {
    const above = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web', uid: 'd-1', controller: true }
    const containers = [{ name: 'app', image: 'app:1' }]
    const labels = { app: 'web' }
    const replicaSet = await cluster.kube.create('/apis/apps/v1/namespaces/shop/replicasets', {
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      metadata: { name: 'web-1', ownerReferences: [above] },
      spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers } } },
    } as KubeObject) // with a spec, which the client need not know
    const uid = replicaSet.metadata?.uid
    const owner = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web-1', uid, controller: true }
    return {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'web-1-x', namespace: 'shop', ownerReferences: [owner] },
      spec: { nodeName: 'node-1', containers },
    }
  }

  /** As a controller would make it. */
  async function tryPod(namespace: string, { metadata, spec }: Workload): Promise<void> {
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: metadata?.name, namespace },
      spec: spec.template.spec,
    }
    const { stderr } = await cluster.kubectl(['create', '--dry-run=server', '-f', '-'], pod)
    assert.equal(stderr, '')
  }

  /** What `access` may do in our namespace, but for what every account may. */
  async function rulesOf(access: KubeAccess): Promise<string[]> {
    const kube = new KubeClient(access)
    try {
      const asked = {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SelfSubjectRulesReview',
        spec: { namespace: NAMESPACE },
      }
      const { status } = await kube.create<RulesReview>(
        '/apis/authorization.k8s.io/v1/selfsubjectrulesreviews',
        asked,
      )
      return (status?.resourceRules ?? [])
        .filter(({ resources }) => !resources.some(resource => resource.startsWith('selfsubject')))
        .map(textOf)
        .sort()
    } finally {
      await kube.close()
    }
  }
})

describe('deploy/ over the original CoreDog at a real API server', { skip, timeout: 180_000 }, () => {
  let cluster: KubeCluster

  before(async () => {
    cluster = await startKubeCluster(programs!) // skipped without them
    const original = path.resolve(import.meta.dirname, '../fixtures/original/objects.yaml')
    await cluster.kubectl(['create', '-f', original])
    await cluster.kubectl(['apply', '-f', RENDERED])
  })
  after(() => cluster?.[Symbol.asyncDispose]())

  it('takes the place of its webhook, with nothing left that counts', async () => {
    const { containers, volumes } = (await workload(cluster, 'deployments/coredog-webhook')).spec.template
      .spec
    assert.equal(containers.length, 1)
    assert.match(containers[0]?.image ?? '', /^ghcr\.io\/coredog\//)
    assert.deepEqual(containers[0]?.command, ['/app/coredog-handler', 'webhook', 'run'])
    const secrets = volumes.flatMap(({ secret }) => secret?.secretName ?? [])
    assert.ok(!secrets.includes('coredog-webhook-certs'), 'the key that everybody knows is still mounted')
    const [{ rules }] = (await cluster.kube.get<Roles>(ROLES)).items.filter(
      ({ metadata }) => metadata?.name === 'coredog-webhook',
    ) as [Roles['items'][number]]
    assert.ok(!JSON.stringify(rules).includes('coredog-webhook-certs'), 'it may still be read')
  })

  it('probes its replacement as ours answers', async () => {
    const { stdout } = await cluster.kubectl([
      ...['get', 'deployment', 'coredog-webhook', '-n', NAMESPACE, '-o'],
      'jsonpath={.spec.template.spec.containers[0].readinessProbe.httpGet}',
    ])
    assert.deepEqual(JSON.parse(stdout), { path: '/ready', port: 'metrics', scheme: 'HTTP' })
  })

  it('keeps what is for the administrator to remove', async () => {
    await workload(cluster, 'daemonsets/coredog-watcher')
    await cluster.kube.get(`${IN_NAMESPACE}/secrets/coredog-webhook-certs`)
    await assert.rejects(cluster.kube.get(`${IN_NAMESPACE}/secrets/coredog-secrets`), KubeError)
  })

  it('is believed by a certificate of its own, whatever becomes of the Secret that everybody has the key of', async () => {
    const theirs = await caBundle(cluster)
    assert.ok(theirs !== undefined)
    await keepCertificateUntil(cluster.access, async () => (await caBundle(cluster)) !== theirs)
    const { data } = await cluster.kube.get<Secret>(`${IN_NAMESPACE}/secrets/coredog-webhook-certificate`)
    assert.ok(data?.['tls.crt'])
  })
})

const ROLES = `/apis/rbac.authorization.k8s.io/v1/namespaces/${NAMESPACE}/roles`

interface Roles extends KubeObject {
  readonly items: readonly (KubeObject & { readonly rules: object })[]
}

function isForbidden(error: unknown): boolean {
  return error instanceof KubeError && error.status === 403
}

interface RulesReview extends KubeObject {
  readonly spec: object
  readonly status?: { readonly resourceRules: readonly Rule[] }
}

interface Rule {
  readonly verbs: readonly string[]
  readonly apiGroups?: readonly string[]
  readonly resources: readonly string[]
  readonly resourceNames?: readonly string[]
}

function textOf({ verbs, apiGroups: [group = ''] = [], resources, resourceNames = [] }: Rule): string {
  const what = resources.map(resource => (group === '' ? resource : `${resource}.${group}`)).join(',')
  return [[...verbs].sort().join(','), what, ...resourceNames].join(' ')
}
