import assert from 'node:assert/strict'
import { it, type TestContext } from 'node:test'
import { pino } from 'pino'
import type { HandoffPod } from '../../../handoff/run-folder.ts'
import { PodBook } from '../../../installer/supply/pod-book.ts'
import { watchPods } from '../../../installer/supply/pods.ts'
import { KubeClient } from '../../../kube/client.ts'
import type { KubeObject } from '../../../kube/objects.ts'
import { type FakeKube, startFakeKube } from '../../fakes/fake-kube.ts'

const [ID, BEFORE, INIT] = ['a'.repeat(64), 'b'.repeat(64), 'c'.repeat(64)]

/** A pod of node-1 as the API server has it. */
function pod(name: string, metadata: object = {}, status: object = {}): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace: 'shop', name, uid: `uid-of-${name}`, ...metadata },
    spec: { nodeName: 'node-1' },
    status,
  } as KubeObject
}

function owned(kind: string, name: string, apiVersion = 'apps/v1') {
  return { ownerReferences: [{ apiVersion, kind, name, uid: `uid-of-${name}`, controller: true }] }
}

const isWanted = ({ annotations }: HandoffPod) => annotations['coredog.io/inject'] !== 'false'

/** Watches node-1's pods; `until` resolves with what was written as soon as it is as wanted. */
async function watching(
  test: TestContext,
  objects: readonly KubeObject[],
  set?: (fake: FakeKube) => void,
  before: readonly Partial<HandoffPod>[] = [],
) {
  const fake = await startFakeKube({ objects })
  set?.(fake)
  const kube = new KubeClient(fake.access)
  const control = new AbortController()
  const clock = { milliseconds: 0, pause: async () => undefined, now: () => clock.milliseconds }
  const waiting: { wanted: (pods: HandoffPod[]) => boolean; resolve: (pods: HandoffPod[]) => void }[] = []
  let written: HandoffPod[] = []
  let failing = 0
  const heard = () => {
    for (const { wanted, resolve } of waiting) if (wanted(written)) resolve(written)
  }
  const write = async (content: string) => {
    if (failing-- > 0) throw new Error('disk full')
    written = JSON.parse(content)
    heard()
  }
  const log = pino({ enabled: false })
  const book = new PodBook(clock.now)
  book.remember(before)
  const done = watchPods({ kube, nodeName: 'node-1', write, isWanted, log, clock, book }, control.signal)
  test.after(async () => {
    control.abort()
    await done
    await kube.close()
    await fake.close()
  })
  const until = (wanted: (pods: HandoffPod[]) => boolean) => {
    const { promise, resolve } = Promise.withResolvers<HandoffPod[]>()
    waiting.push({ wanted, resolve })
    heard()
    return promise
  }
  const failWrites = (count: number) => {
    failing = count
  }
  return { fake, clock, until, failWrites }
}

const named = (name: string) => (pods: HandoffPod[]) => pods.some(handoff => handoff.name === name)

/** The workload that is found for web-0, once there is one. */
async function workloadOf(test: TestContext, objects: readonly KubeObject[], set?: (fake: FakeKube) => void) {
  const { until } = await watching(test, objects, set)
  const pods = await until(written => written.some(({ workload }) => workload !== undefined))
  return pods.find(({ name }) => name === 'web-0')?.workload
}

const LOOP = 'e'.repeat(64)
const LIFE = { startedAt: '2026-11-21T05:00:01Z', finishedAt: '2026-11-21T05:00:10Z' }

it('watchPods() writes the list again for as long as the API server says that it is all', async t => {
  const { fake, until } = await watching(t, [pod('web-0')])
  await until(named('web-0'))
  await fake.watched(1)
  let writes = 0
  const again = until(() => {
    writes += 1
    // The first time it is asked of what was written before.
    return writes > 1
  })
  fake.bookmark()
  assert.deepEqual(
    (await again).map(({ name }) => name),
    ['web-0'],
  )
})

it('watchPods() hands over what the handler needs of a pod, and no more', async t => {
  const annotations = {
    'coredog.io/inject': 'true',
    'kubectl.kubernetes.io/last-applied-configuration': '{}',
  }
  const status = {
    initContainerStatuses: [{ name: 'init', containerID: `cri-o://${INIT}` }],
    containerStatuses: [
      {
        name: 'app',
        containerID: `containerd://${ID}`,
        image: 'web:1',
        imageID: 'web@sha256:1',
        restartCount: 3,
        state: { running: { startedAt: '2026-11-21T05:00:12Z' } },
        lastState: { terminated: { containerID: `containerd://${BEFORE}`, ...LIFE } },
      },
      // In CrashLoopBackOff: the last one's end is all there is.
      {
        name: 'loop',
        containerID: `containerd://${LOOP}`,
        restartCount: 4,
        lastState: { terminated: { containerID: `containerd://${LOOP}`, ...LIFE } },
      },
    ],
    ephemeralContainerStatuses: [{ name: 'debug', containerID: '' }],
  }
  const metadata = { labels: { app: 'web' }, annotations }
  const { until } = await watching(t, [pod('web-0', metadata, status)])
  const image = { image: 'web:1', imageId: 'web@sha256:1' }
  assert.deepEqual(await until(named('web-0')), [
    {
      version: 1,
      namespace: 'shop',
      name: 'web-0',
      uid: 'uid-of-web-0',
      labels: { app: 'web' },
      annotations: { 'coredog.io/inject': 'true' },
      containers: [
        { name: 'init', id: INIT },
        { name: 'app', id: ID, ...image, restartCount: 3, startedAt: '2026-11-21T05:00:12Z' },
        { name: 'app', id: BEFORE, ...image, restartCount: 2, ...LIFE },
        { name: 'loop', id: LOOP, restartCount: 4, ...LIFE },
      ],
    },
  ])
})

it('watchPods() hands over every pod of a node where a tenant makes its own as large as etcd takes', async t => {
  const text = 'x'.repeat(63)
  const texts = (prefix: string, bytes: number) =>
    Object.fromEntries(Array.from({ length: bytes / 80 }, (_, number) => [`${prefix}${number}`, text]))
  const metadata = { labels: texts('l', 1_200_000), annotations: texts('coredog.io/', 200_000) }
  const containerStatuses = Array.from({ length: 500 }, (_, number) => ({
    name: `c${number}`,
    containerID: `containerd://${ID}`,
    image: `web:${text}`,
  }))
  const large = Array.from({ length: 8 }, (_, number) => pod(`a-${number}`, metadata, { containerStatuses }))
  const { until } = await watching(t, [...large, pod('web-0')])
  const pods = await until(written => written.length > 0)
  assert.equal(pods.length, 9)
  for (const handed of pods) assert.ok(JSON.stringify(handed).length < 64 * 1024)
})

it('watchPods() knows a static pod by the hash that the node knows it by', async t => {
  const mirror = pod('etcd', { annotations: { 'kubernetes.io/config.mirror': 'f'.repeat(32) } })
  const [etcd] = await (await watching(t, [mirror])).until(named('etcd'))
  assert.equal(etcd?.uid, 'f'.repeat(32))
})

it('watchPods() hears of new pods, and keeps those that are gone for ten minutes', async t => {
  const { fake, clock, until } = await watching(t, [pod('web-0')])
  await until(named('web-0'))
  await fake.watched(1)
  fake.remove(pod('web-0'))
  fake.put(pod('web-1'))
  assert.ok(named('web-0')(await until(named('web-1'))))
  clock.milliseconds = 10 * 60 * 1000 + 1
  fake.put(pod('web-2'))
  assert.deepEqual((await until(named('web-2'))).map(({ name }) => name).sort(), ['web-1', 'web-2'])
})

it('watchPods() notices what was gone while it could not watch', async t => {
  const { fake, clock, until } = await watching(t, [pod('web-0')])
  await until(named('web-0'))
  await fake.watched(1)
  fake.endWatches()
  fake.remove(pod('web-0'))
  fake.forgetHistory()
  fake.put(pod('web-1'))
  await until(named('web-1'))
  clock.milliseconds = 10 * 60 * 1000 + 1
  fake.put(pod('web-2'))
  assert.ok(!named('web-0')(await until(named('web-2'))))
})

it('watchPods() writes again what could not be written', async t => {
  const { fake, until, failWrites } = await watching(t, [])
  failWrites(2)
  fake.put(pod('web-0'))
  await until(named('web-0'))
})

it('watchPods() writes no more than the handler reads, and leaves out the largest pods for it', async t => {
  const sized = (name: string, bytes: number) =>
    pod(
      name,
      {},
      { containerStatuses: [{ name: 'c', containerID: `cri-o://${ID}`, image: 'i'.repeat(bytes) }] },
    )
  const large = Array.from({ length: 278 }, (_, number) => sized(`a-${number}`, 30_000))
  // What is left of the room.
  const filling = Array.from({ length: 15 }, (_, number) => sized(`b-${number}`, 2 ** (14 - number)))
  const small = Array.from({ length: 9 }, (_, number) => pod(`c-${number}`))
  const { until } = await watching(t, [...large, ...filling, ...small, sized('web-0', 200)])
  const pods = await until(written => written.length > 0)
  assert.ok(pods.length < 303)
  assert.ok(JSON.stringify(pods).length < 8 * 1024 * 1024)
  assert.ok(named('web-0')(pods))
})

const replicaSet = (uid = 'uid-of-web-5d9') =>
  ({
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: { namespace: 'shop', name: 'web-5d9', uid, ...owned('Deployment', 'web') },
  }) as KubeObject
const ofReplicaSet = pod('web-0', owned('ReplicaSet', 'web-5d9'))

it('watchPods() finds the Deployment of a ReplicaSet, and the CronJob of a Job', async t => {
  assert.deepEqual(await workloadOf(t, [ofReplicaSet, replicaSet()]), { kind: 'Deployment', name: 'web' })
  const job = { ...replicaSet('uid-of-run-1'), apiVersion: 'batch/v1', kind: 'Job' }
  const metadata = { ...job.metadata, name: 'run-1', ...owned('CronJob', 'run', 'batch/v1') }
  const ofJob = pod('web-0', owned('Job', 'run-1', 'batch/v1'))
  assert.deepEqual(await workloadOf(t, [ofJob, { ...job, metadata }]), { kind: 'CronJob', name: 'run' })
})

it('watchPods() hands over a new pod with its workload at once: a Job may crash only this once, right away', async t => {
  const fake = await startFakeKube({ objects: [ofReplicaSet, replicaSet()] })
  const client = new KubeClient(fake.access)
  const [control, answered] = [new AbortController(), Promise.withResolvers<void>()]
  const kube: Parameters<typeof watchPods>[0]['kube'] = {
    list: client.list.bind(client),
    watchFrom: client.watchFrom.bind(client),
    getMetadata: async (path, signal) => {
      const answer = await client.getMetadata(path, signal)
      setImmediate(answered.resolve)
      return answer
    },
  }
  const clock = {
    pause: async (seconds: number) => (seconds === 0.25 ? answered.promise : undefined),
    now: () => 0,
  }
  const written = Promise.withResolvers<HandoffPod[]>()
  const write = async (content: string) => written.resolve(JSON.parse(content))
  const log = pino({ enabled: false })
  const done = watchPods({ kube, nodeName: 'node-1', write, isWanted, log, clock }, control.signal)
  t.after(async () => {
    control.abort()
    answered.resolve()
    await done
    await client.close()
    await fake.close()
  })
  assert.deepEqual(
    (await written.promise).map(({ workload }) => workload),
    [{ kind: 'Deployment', name: 'web' }],
  )
})

it('watchPods() takes any other controller as it is, and does not look it up', async t => {
  const ofSet = pod('web-0', owned('StatefulSet', 'web'))
  assert.deepEqual(await workloadOf(t, [ofSet]), { kind: 'StatefulSet', name: 'web' })
  const foreign = pod('web-0', owned('Job', 'train', 'batch.volcano.sh/v1alpha1'))
  assert.deepEqual(await workloadOf(t, [foreign]), { kind: 'Job', name: 'train' })
})

it('watchPods() guesses nothing without a label: what it may not read, or is another of that name, stays a ReplicaSet', async t => {
  const itself = { kind: 'ReplicaSet', name: 'web-5d9' }
  const denied = workloadOf(t, [ofReplicaSet, replicaSet()], fake => fake.deny('get replicasets'))
  assert.deepEqual(await denied, itself)
  assert.deepEqual(await workloadOf(t, [ofReplicaSet, replicaSet('uid-of-another')]), itself)
  assert.deepEqual(await workloadOf(t, [ofReplicaSet]), itself)
})

const labelled = (key: string) => ({
  ...owned('ReplicaSet', 'web-5d9'),
  labels: { app: 'web', [key]: '5d9' },
})

it('watchPods() asks nothing for a pod of a Deployment, but for one of a Rollout', async t => {
  const byLabel = (name: string) => pod(name, labelled('pod-template-hash'))
  const rollout = pod('web-2', {
    ...labelled('rollouts-pod-template-hash'),
    ...owned('ReplicaSet', 'canary-5d9'),
  })
  const { fake, until } = await watching(t, [byLabel('web-0'), byLabel('web-1'), rollout])
  const pods = await until(written => written.filter(({ workload }) => workload !== undefined).length === 3)
  assert.deepEqual(
    pods.map(({ name, workload }) => `${name} ${workload?.kind} ${workload?.name}`).toSorted(),
    ['web-0 Deployment web', 'web-1 Deployment web', 'web-2 ReplicaSet canary-5d9'],
  )
  const asked = fake.requests.filter(({ action }) => action === 'get replicasets')
  assert.deepEqual(
    asked.map(({ path }) => path.split('/').at(-1)),
    ['canary-5d9'],
  )
})

it('watchPods() believes the label of a pod of a ReplicaSet of apps/v1 only', async t => {
  const { ownerReferences } = owned('ReplicaSet', 'web-5d9', 'apps.kruise.io/v1')
  const foreign = pod('web-0', { ...labelled('pod-template-hash'), ownerReferences })
  assert.deepEqual(await workloadOf(t, [foreign]), { kind: 'ReplicaSet', name: 'web-5d9' })
  const job = pod('web-0', { ...labelled('pod-template-hash'), ...owned('Job', 'web-5d9', 'batch/v1') })
  assert.deepEqual(await workloadOf(t, [job]), { kind: 'Job', name: 'web-5d9' })
})

it('watchPods() looks a ReplicaSet up once for all its pods', async t => {
  const { fake, until } = await watching(t, [
    ofReplicaSet,
    pod('web-1', owned('ReplicaSet', 'web-5d9')),
    replicaSet(),
  ])
  await until(pods => pods.length === 2 && pods.every(({ workload }) => workload?.kind === 'Deployment'))
  const asked = fake.requests.filter(({ action }) => action === 'get replicasets')
  assert.deepEqual(
    asked.map(({ headers, query }) => [/as=PartialObjectMetadata/.test(`${headers.accept}`), query]),
    [[true, { resourceVersion: '0' }]],
  )
})

it('watchPods() looks nothing up for a pod whose crashes are not kept, until it is one whose are', async t => {
  const asks = (inject: string) =>
    pod('web-1', { ...owned('ReplicaSet', 'web-5d9'), annotations: { 'coredog.io/inject': inject } })
  const other = pod('other-0', owned('ReplicaSet', 'other-6aa'))
  const { fake, until } = await watching(t, [asks('false'), other, replicaSet()])
  // One after the other, so the first would have come before it.
  await until(pods => pods.some(({ workload }) => workload?.name === 'other-6aa'))
  assert.deepEqual(
    fake.requests.filter(({ action }) => action === 'get replicasets').map(({ path }) => path),
    ['/apis/apps/v1/namespaces/shop/replicasets/other-6aa'],
  )
  await fake.watched(1)
  fake.put(asks('true'))
  await until(pods => pods.some(({ workload }) => workload?.kind === 'Deployment'))
})

it('watchPods() does not look up again what was known before a restart of ours, but for what may have an owner yet', async t => {
  const pods = ['web-0', 'web-1', 'web-2'].map(name => pod(name, owned('ReplicaSet', `of-${name}`)))
  const known = [
    { uid: 'uid-of-web-0', workload: { kind: 'Deployment', name: 'web' } },
    { uid: 'uid-of-web-1', workload: { kind: 'ReplicaSet', name: 'of-web-1' } },
    { uid: 'uid-of-gone', workload: { kind: 'Deployment', name: 'gone' } },
  ]
  const { fake, until } = await watching(t, pods, fake => fake.deny('get replicasets'), known)
  await fake.asked('get replicasets', 2)
  const written = await until(
    pods => pods.every(({ workload }) => workload !== undefined) && pods.length === 3,
  )
  assert.deepEqual(written.map(({ name, workload }) => `${name} ${workload?.kind}`).toSorted(), [
    'web-0 Deployment',
    'web-1 ReplicaSet',
    'web-2 ReplicaSet',
  ])
  const asked = fake.requests.filter(({ action }) => action === 'get replicasets')
  assert.deepEqual(asked.map(({ path }) => path.split('/').at(-1)).toSorted(), ['of-web-1', 'of-web-2'])
})
