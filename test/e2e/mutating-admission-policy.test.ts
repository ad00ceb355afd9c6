import assert from 'node:assert/strict'
import path from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { KubeObject } from '../../kube/objects.ts'
import { eventually } from './eventually.ts'
import { findKubePrograms, type KubeCluster, NO_KUBE, startKubeCluster } from './kube-cluster.ts'

const programs = findKubePrograms()
const skip = programs === null && NO_KUBE
const POLICY = path.resolve(import.meta.dirname, '../../deploy/mutating-admission-policy/policy.yaml')

interface Container {
  readonly name: string
  readonly env?: readonly object[]
  readonly volumeMounts?: readonly { readonly name: string }[]
}

interface StoredPod extends KubeObject {
  readonly spec: {
    readonly volumes?: readonly { readonly name: string }[]
    readonly containers: readonly Container[]
    readonly initContainers?: readonly Container[]
  }
}

const ASKS = { 'coredog.io/inject': 'true', 'coredog.io/path': '/corefile' }
const NAME = {
  name: 'COREDOG_POD_NAME',
  valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.name' } },
}

describe('deploy/mutating-admission-policy at a real API server', { skip, timeout: 180_000 }, () => {
  let cluster: KubeCluster

  before(async () => {
    cluster = await startKubeCluster(programs!) // skipped without them
    await cluster.addNamespace('shop', { 'pod-security.kubernetes.io/enforce': 'privileged' })
    await cluster.addNamespace('unlabelled')
    await cluster.addNamespace('strict', { 'pod-security.kubernetes.io/enforce': 'restricted' })
    await cluster.kubectl(['apply', '-f', POLICY])
    await eventually('the policy in force', 60, async () => {
      const pod = await create('probe', ASKS)
      await cluster.kubectl(['delete', 'pod', 'probe', '-n', 'shop', '--grace-period=0', '--force'])
      return volumeOf(pod)
    })
  })
  after(() => cluster[Symbol.asyncDispose]())

  function create(
    name: string,
    annotations: Readonly<Record<string, string>>,
    spec: object = {},
    namespace = 'shop',
  ): Promise<StoredPod> {
    const containers = [
      { name: 'app', image: 'app:1' },
      { name: 'sidecar', image: 'sidecar:1' },
    ]
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, annotations },
      spec: { containers, ...spec },
    }
    return cluster.kube.create(`/api/v1/namespaces/${namespace}/pods`, pod) as Promise<StoredPod>
  }

  it('mounts a directory of its own into each container that is asked for', async () => {
    const pod = await create(
      'both',
      { ...ASKS, 'coredog.io/path': ' /data/dumps/ ' },
      {
        initContainers: [{ name: 'setup', image: 'setup:1', env: [{ name: 'A', value: 'b' }] }],
      },
    )
    assert.deepEqual(volumeOf(pod), {
      name: 'coredog-corefile',
      hostPath: { path: '/data/coredog-system/dumps/shop', type: 'DirectoryOrCreate' },
    })
    for (const { name, env = [], volumeMounts } of [
      ...pod.spec.containers,
      ...(pod.spec.initContainers ?? []),
    ]) {
      assert.ok(
        env.some(entry => JSON.stringify(entry) === JSON.stringify(NAME)),
        `${name}: ${JSON.stringify(env)}`,
      )
      assert.deepEqual(ours(volumeMounts), [
        { name: 'coredog-corefile', mountPath: '/data/dumps', subPathExpr: `$(COREDOG_POD_NAME)/${name}` },
      ])
    }
  })

  it('mounts into no other container than those that the annotation lists', async () => {
    const pod = await create('one', { ...ASKS, 'coredog.io/container': ' app , nobody' })
    assert.deepEqual(
      pod.spec.containers.map(({ volumeMounts }) => ours(volumeMounts).length),
      [1, 0],
    )
  })

  it('leaves a container alone that has something there', async () => {
    const mounted = { name: 'app', image: 'app:1', volumeMounts: [{ name: 'own', mountPath: '/corefile' }] }
    const pod = await create('taken', ASKS, {
      containers: [mounted],
      volumes: [{ name: 'own', emptyDir: {} }],
    })
    assert.deepEqual(ours(pod.spec.containers[0]?.volumeMounts), [])
  })

  for (const [what, annotations] of Object.entries({
    'that does not ask': {},
    'that says no': { ...ASKS, 'coredog.io/inject': 'True' },
    'without a path': { 'coredog.io/inject': 'true' },
    'with the path /': { ...ASKS, 'coredog.io/path': '/' },
    'with a path below /etc': { ...ASKS, 'coredog.io/path': '/etc/app' },
    'with a path that leads out': { ...ASKS, 'coredog.io/path': '/corefile/../etc' },
    'with a relative path': { ...ASKS, 'coredog.io/path': 'corefile' },
    'with a path of /usr and a slash': { ...ASKS, 'coredog.io/path': '/usr/' },
  })) {
    it(`creates a pod ${what} as it is`, async () => {
      const name = what.replaceAll(/[^a-z]+/g, '-').replace(/-$/, '')
      assert.equal(volumeOf(await create(name, annotations)), undefined)
    })
  }

  it('creates a pod as it is where no label says that hostPath is allowed', async () => {
    assert.equal(volumeOf(await create('unsure', ASKS, {}, 'unlabelled')), undefined)
  })

  for (const [how, spec] of Object.entries({
    'its own word': { os: { name: 'windows' } },
    'its nodes': { nodeSelector: { 'kubernetes.io/os': 'windows' } },
  })) {
    it(`creates a pod as it is that is for Windows by ${how}`, async () => {
      assert.equal(volumeOf(await create(how.replaceAll(' ', '-'), ASKS, spec)), undefined)
    })
  }

  it('mounts into a pod that says that it is for Linux', async () => {
    const spec = { os: { name: 'linux' }, nodeSelector: { 'kubernetes.io/os': 'linux' } }
    assert.ok(volumeOf(await create('linux', ASKS, spec)))
  })

  it('creates a pod as it is where hostPath is forbidden', async () => {
    const restricted = {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
      runAsNonRoot: true,
      seccompProfile: { type: 'RuntimeDefault' },
    }
    const containers = [{ name: 'app', image: 'app:1', securityContext: restricted }]
    assert.equal(volumeOf(await create('safe', ASKS, { containers }, 'strict')), undefined)
  })
})

function volumeOf({ spec }: StoredPod) {
  return spec.volumes?.find(({ name }) => name === 'coredog-corefile')
}

function ours(mounts: Container['volumeMounts'] = []) {
  return mounts.filter(({ name }) => name === 'coredog-corefile')
}
