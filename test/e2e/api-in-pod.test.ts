/**
 * coredog-api as its users get it: the image of `npm run image`, and deploy/coredog-api.yaml at a real API server. What
 * that makes of the pod runs in a real containerd, with the rights, limits and mounts that it says.
 */
import assert from 'node:assert/strict'
import path from 'node:path'
import { after, before, describe, it } from 'node:test'
import { stringify } from 'yaml'
import { parseConfig } from '../../config/parse-config.ts'
import { openStore } from '../../storage/open-store.ts'
import { find, objectsOf } from '../deploy/objects.ts'
import { findProgram } from '../installed-program.ts'
import { NO_GATEWAY, startVersityGateway } from '../real-s3.ts'
import { available, CLUSTER } from './api-cluster.ts'
import { Bucket } from './bucket.ts'
import { FRONT_PROXY_FLAGS } from './front-proxy-flags.ts'
import { findKubePrograms, type KubeCluster, NO_KUBE, startKubeCluster } from './kube-cluster.ts'
import { Kubelet, podOf } from './kubelet.ts'
import { NODE_IP } from './pod-as-stored.ts'
import { type PutCrash, putCrash } from './put-crash.ts'
import { packReleases } from './release-images.ts'
import type { RunningPod } from './running-pod.ts'
import { proxyService } from './service-proxy.ts'
import { openWorld, type World } from './world.ts'

const HANDLER = path.resolve(import.meta.dirname, '../../dist/coredog-handler')
const DEPLOY = path.resolve(import.meta.dirname, '../../deploy')
const NAMESPACE = 'coredog-system'
const NAMES = { current: 'ghcr.io/coredog/coredog:0.1.0', next: 'ghcr.io/coredog/coredog:0.1.1' }

const programs = findKubePrograms()
const skip = (programs === null && NO_KUBE) || (findProgram('versitygw') === null && NO_GATEWAY)

describe('coredog-api of deploy/coredog-api.yaml, in its pod', { timeout: 600_000, skip }, () => {
  const opened = new AsyncDisposableStack()
  let world: World
  let cluster: KubeCluster
  let api: RunningPod
  let crash: PutCrash

  before(async () => {
    world = opened.use(await openWorld(HANDLER))
    const s3 = (await startVersityGateway()) ?? assert.fail(NO_GATEWAY)
    opened.defer(s3.close)
    const { storageConfig } = opened.use(new Bucket(s3))
    await world.containerd.import((await packReleases(NAMES, world.dir)).current)
    cluster = opened.use(await startKubeCluster(programs!, FRONT_PROXY_FLAGS)) // skipped without them
    const kubelet = await Kubelet.join(world, cluster)
    await cluster.addNamespace('shop')
    const store = openStore(parseConfig(stringify({ StorageConfig: storageConfig })).config.storage)
    crash = await putCrash(store, CLUSTER, { namespace: 'shop' })
    await configure({ ...storageConfig })
    await cluster.kubectl(['apply', '-f', path.join(DEPLOY, 'coredog-api.yaml')])
    const { stdout } = await cluster.kubectl([
      ...['get', 'deployment/coredog-api', '-n', NAMESPACE, '-o', 'json'],
    ])
    api = await kubelet.run(podOf(JSON.parse(stdout)), { hostNetwork: true })
    await cluster.kubectl(['create', '-f', '-'], READY)
    opened.use(await proxyService(cluster, { namespace: NAMESPACE, name: 'coredog-api' }, 8443))
  })
  after(() => opened.disposeAsync())

  it('is asked by the API server, which believes the certificate that it made', async () => {
    await available(cluster, ['v1alpha1.coredog.io'])
    await api.answers('readinessProbe')
    await api.answers('livenessProbe')
  })

  it('has cores as a resource, with a Secret of its own', async () => {
    const { stdout } = await cluster.kubectl(['get', 'cores', '-n', 'shop'])
    assert.ok(stdout.includes(crash.name), stdout)
  })

  /** As people do: the ConfigMap says where, and a Secret with which key. */
  async function configure(storageConfig: Readonly<Record<string, unknown>>): Promise<void> {
    const { s3AccesskeyID, s3SecretAccessKey, ...where } = storageConfig
    const objects = objectsOf('coredog.yaml')
    const settings = { cluster: CLUSTER, StorageConfig: where }
    const configMap = find(objects, 'ConfigMap', 'coredog-config')
    const secret = {
      ...{
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 'coredog-api-secrets', namespace: NAMESPACE },
      },
      stringData: {
        'coredog-secrets.yaml': stringify({ StorageConfig: { s3AccesskeyID, s3SecretAccessKey } }),
      },
    }
    const items = [
      find(objects, 'Namespace', NAMESPACE),
      { ...configMap, data: { 'coredog.yaml': stringify(settings) } },
      secret,
    ]
    await cluster.kubectl(['apply', '-f', '-'], { apiVersion: 'v1', kind: 'List', items })
  }
})

/** As a controller would say it, without whom the API server takes the Service for one that has no pod. */
const READY = {
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: {
    ...{ name: 'coredog-api-1', namespace: NAMESPACE },
    labels: { 'kubernetes.io/service-name': 'coredog-api' },
  },
  addressType: 'IPv4',
  endpoints: [{ addresses: [NODE_IP], conditions: { ready: true } }],
  ports: [{ name: 'https', port: 8443, protocol: 'TCP' }],
}
