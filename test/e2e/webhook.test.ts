import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { KubeAccess } from '../../kube/access.ts'
import type { KubeObject } from '../../kube/objects.ts'
import { type Manifest, objectsOf } from '../deploy/objects.ts'
import { freePort } from '../free-port.ts'
import { eventually } from './eventually.ts'
import { findKubePrograms, type KubeCluster, NO_KUBE, startKubeCluster } from './kube-cluster.ts'

const programs = findKubePrograms()
const skip = programs === null && NO_KUBE
const MAIN = path.join(import.meta.dirname, '../../webhook/main.ts')
const CONFIG = 'StorageConfig: {protocol: cfs, CFSMountPath: /mnt}\nfallback: {hostPath: true}\n'
const NAMESPACE = 'coredog-system'

interface Pod extends KubeObject {
  readonly spec: {
    readonly volumes: readonly { readonly name: string; readonly hostPath?: { readonly path: string } }[]
    readonly containers: readonly { readonly volumeMounts: readonly object[] }[]
  }
}

describe('the webhook at a real API server', { skip, timeout: 180_000 }, () => {
  let folder: string
  let cluster: KubeCluster
  let webhook: ChildProcess

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'coredog-webhook-'))
    await writeFile(path.join(folder, 'coredog.yaml'), CONFIG)
    cluster = await startKubeCluster(programs!) // skipped without them
    await cluster.addNamespace(NAMESPACE)
    const access = await cluster.addServiceAccount(NAMESPACE, 'coredog-webhook')
    const port = await freePort()
    const installed = { apiVersion: 'v1', kind: 'List', items: installation(port) }
    await cluster.kubectl(['apply', '--filename=-'], installed)
    webhook = startWebhook(folder, port, access)
    await cluster.addNamespace('shop', { 'pod-security.kubernetes.io/enforce': 'privileged' })
    await cluster.addNamespace('bank', { 'pod-security.kubernetes.io/enforce': 'restricted' })
    const trial = ['create', '--namespace=shop', '--filename=-', '--dry-run=server', '--output=json']
    await eventually('the first pod with a mount', 60, async () => {
      const { stdout } = await cluster.kubectl(trial, podOf({ name: 'trial' }))
      return stdout.includes('coredog-corefile') || undefined
    })
  })
  after(async () => {
    webhook?.kill('SIGKILL')
    await cluster?.[Symbol.asyncDispose]()
    await rm(folder, { recursive: true })
  })

  it('mounts the directory into an annotated pod, by a certificate of its own', async () => {
    const { stderr } = await create('shop', podOf({ name: 'crash-test' }))
    assert.equal(stderr, '')
    const { spec } = await stored('shop', 'crash-test')
    const volume = spec.volumes.find(({ name }) => name === 'coredog-corefile')
    assert.equal(volume?.hostPath?.path, '/data/coredog-system/dumps/shop/crash-test')
    assert.deepEqual(spec.containers[0]?.volumeMounts.at(-1), {
      name: 'coredog-corefile',
      mountPath: '/corefile',
      subPath: 'app',
    })
  })

  it('mounts by the name that the API server makes up later', async () => {
    const { stdout } = await create('shop', podOf({ generateName: 'web-' }))
    const { spec } = await stored('shop', JSON.parse(stdout).metadata.name)
    assert.deepEqual(spec.containers[0]?.volumeMounts.at(-1), {
      name: 'coredog-corefile',
      mountPath: '/corefile',
      subPathExpr: '$(COREDOG_POD_NAME)/app',
    })
  })

  it('lets a pod into a restricted namespace without the mount, and warns', async () => {
    const { stderr } = await create('bank', podOf({ name: 'teller' }))
    assert.match(stderr, /Warning: coredog: namespace "bank" forbids hostPath volumes/)
    const { spec } = await stored('bank', 'teller')
    assert.ok(spec.volumes.every(({ name }) => name !== 'coredog-corefile'))
  })

  it('is not missed when it is down: a pod is created without it', async () => {
    const gone = once(webhook, 'exit')
    webhook.kill('SIGKILL')
    await gone
    await create('shop', podOf({ name: 'alone' }))
    const { spec } = await stored('shop', 'alone')
    assert.ok(spec.volumes.every(({ name }) => name !== 'coredog-corefile'))
  })

  function create(namespace: string, pod: object) {
    return cluster.kubectl(['create', `--namespace=${namespace}`, '--filename=-', '--output=json'], pod)
  }

  function stored(namespace: string, name: string): Promise<Pod> {
    return cluster.kube.get<Pod>(`/api/v1/namespaces/${namespace}/pods/${name}`)
  }
})

/** In a mount namespace, where it finds the credentials that the kubelet would bring. */
function startWebhook(folder: string, port: number, access: KubeAccess): ChildProcess {
  const { hostname, port: apiPort } = new URL(access.url)
  const script = path.join(import.meta.dirname, 'pod-credentials.sh')
  const credentials = [access.tokenFile, access.caFile, access.namespaceFile].map(String)
  const options = ['--port', String(port), '--metrics-port', '0', '--config-dir', folder]
  return spawn(
    'unshare',
    ['--mount', 'sh', script, ...credentials, process.execPath, MAIN, 'run', ...options],
    {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { PATH: process.env.PATH, KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: apiPort },
    },
  )
}

/** Fit for a restricted namespace, too. */
function podOf(metadata: object): object {
  const annotations = { 'coredog.io/inject': 'true', 'coredog.io/path': '/corefile' }
  const securityContext = {
    allowPrivilegeEscalation: false,
    runAsNonRoot: true,
    capabilities: { drop: ['ALL'] },
    seccompProfile: { type: 'RuntimeDefault' },
  }
  const containers = [{ name: 'app', image: 'registry.example/app:1', securityContext }]
  return { apiVersion: 'v1', kind: 'Pod', metadata: { annotations, ...metadata }, spec: { containers } }
}

const WITHOUT_A_NODE = ['ServiceAccount', 'Deployment', 'PodDisruptionBudget', 'NetworkPolicy']

/** What deploy/ brings for it. Its Service leads to this machine: there is no network of pods. */
function installation(port: number): Manifest[] {
  return objectsOf('coredog-fallback.yaml')
    .filter(({ kind, metadata }) => /webhook/.test(metadata.name) && !WITHOUT_A_NODE.includes(kind))
    .map(object => {
      if (object.kind === 'Service')
        return { ...object, spec: { type: 'ExternalName', externalName: 'localhost' } }
      return object.kind === 'MutatingWebhookConfiguration' ? reachedAt(port, object) : object
    })
}

/** And with all the time that a busy machine may need. */
function reachedAt(port: number, configuration: Manifest): Manifest {
  const [webhook] = configuration.webhooks
  const { service } = webhook.clientConfig
  const clientConfig = { service: { ...service, port } }
  return { ...configuration, webhooks: [{ ...webhook, clientConfig, timeoutSeconds: 10 }] }
}
