import assert from 'node:assert/strict'
import { it } from 'node:test'
import { runProgram } from '../../../cli/program.ts'
import {
  FORBIDDEN,
  installerPod,
  NODES,
  node,
  nodeView,
  PODS,
  PretendedCluster,
  proxied,
} from '../nodes/pretended-cluster.ts'
import { pretendedWorld } from '../pretended-world.ts'

const UID = '0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0'
const POD = '/api/v1/namespaces/shop/pods/web-0'
const EVENTS = '/api/v1/namespaces/shop/events'
const VIEW = proxied('node-1', `/pods/${UID}`)
const PROCESS = {
  pid: 1,
  coreLimitBytes: 0,
  dumpable: true,
  coreDumpFilter: '00000033',
  ignores: [] as string[],
  handles: [] as string[],
}

interface Given {
  readonly spec?: object
  readonly container?: object
  readonly status?: object
  readonly process?: Partial<Record<keyof typeof PROCESS, unknown>>
  readonly view?: object
  readonly answers?: ConstructorParameters<typeof PretendedCluster>[0]
  readonly argv?: readonly string[]
}

/** A pod whose crash would be collected, but for what is given. */
async function doctor(given: Given = {}) {
  const { spec = {}, container = {}, status = {}, process = {}, view = {}, answers = {} } = given
  const processes = [{ ...PROCESS, ...process }]
  const app = { name: 'app', policy: { do: 'collect' }, running: true, processes, processCount: 1 }
  const cluster = new PretendedCluster({
    [POD]: {
      metadata: { namespace: 'shop', name: 'web-0', uid: UID, annotations: { 'coredog.io/inject': 'true' } },
      spec: {
        nodeName: 'node-1',
        shareProcessNamespace: true,
        containers: [{ name: 'app', ...container }],
        ...spec,
      },
      status: { phase: 'Running', containerStatuses: [{ name: 'app', state: { running: {} }, ...status }] },
    },
    [EVENTS]: { items: [] },
    [`${NODES}/node-1`]: node('node-1'),
    [PODS]: { items: [installerPod('node-1')] },
    [proxied('node-1', '/status.json')]: nodeView('node-1'),
    [VIEW]: {
      version: 1,
      node: 'node-1',
      uid: UID,
      capture: 'pipe',
      ready: true,
      suidDumpable: 0,
      containers: [app],
      ...view,
    },
    ...answers,
  })
  const world = pretendedWorld({ openCluster: async () => cluster })
  const exitCode = await runProgram(['doctor', ...(given.argv ?? ['pod/web-0'])], world)
  return { exitCode, out: world.stdout.text, err: world.stderr.text }
}

it('doctor says that a crash would be collected, and what was looked at', async () => {
  const { exitCode, out, err } = await doctor()
  assert.equal(
    out,
    `✓ crashes of app are wanted (coredog.yaml, annotations)
✓ the node node-1 is ready
✓ a crash on the node node-1 would be collected (CoreDog 0.1.0)
✓ the kernel makes a core of the processes of app (it has 1)
✓ no container of it has ended yet

A crash of pod/web-0 would be collected.
`,
  )
  assert.deepEqual([exitCode, err], [0, ''])
})

const policy = (reason: string) => ({
  view: {
    containers: [{ name: 'app', policy: { do: 'skip', reason }, processes: [PROCESS], processCount: 1 }],
  },
})

for (const { name, given, says } of [
  {
    name: 'the pod is not annotated',
    given: policy('annotation coredog.io/inject not found'),
    says: /^✗ .*not wanted: annotation coredog\.io\/inject not found\n +kubectl annotate --overwrite -n shop pod web-0 coredog\.io\/inject=true,/m,
  },
  {
    name: 'the namespace is left out',
    given: policy('namespace "shop" is in collect.excludeNamespaces'),
    says: /^✗ .*excludeNamespaces\n +An operator of CoreDog can change that/m,
  },
  {
    name: 'the core limit is the one that the kernel takes for no core',
    given: { process: { coreLimitBytes: 1 } },
    says: /^✗ process 1 of app has a core limit of 1 byte/m,
  },
  {
    name: 'cores are files, and the core limit is 0',
    given: { view: { capture: 'file' } },
    says: /^✗ process 1 of app has a core limit of 0 bytes, and cores are files here\n.*ulimit -c unlimited/m,
  },
  {
    name: 'the process is not dumpable',
    given: { process: { dumpable: false } },
    says: /^✗ process 1 of app is not dumpable.*so the kernel makes no core$/m,
  },
  {
    name: 'it has a kernel of its own',
    given: {
      spec: { runtimeClassName: 'kata-qemu' },
      view: { containers: [{ name: 'app', policy: { do: 'collect' }, processes: [], processCount: 0 }] },
    },
    says: /^✗ app runs, and no process of it is one of this node's kernel \(runtimeClassName kata-qemu\)/m,
  },
  {
    name: 'the runtime behind the class is gVisor',
    given: {
      spec: { runtimeClassName: 'safe' },
      answers: { '/apis/node.k8s.io/v1/runtimeclasses/safe': { handler: 'runsc' } },
    },
    says: /^✗ runtimeClassName safe has a kernel of its own/m,
  },
  {
    name: 'the pod is on no node',
    given: { spec: { nodeName: undefined }, status: {} },
    says: /^✗ the pod is on no node yet \(Running\)/m,
  },
  {
    name: 'no installer is on the node',
    given: { answers: { [PODS]: { items: [installerPod('node-2')] } } },
    says: /^✗ no installer of CoreDog runs on the node node-1/m,
  },
  {
    name: 'the installer has a problem',
    given: {
      answers: {
        [proxied('node-1', '/status.json')]: nodeView('node-1', {
          problems: [{ what: 'storage failed', hint: 'Look.' }],
        }),
      },
    },
    says: /^✗ on the node node-1: storage failed\n +Look\.$/m,
  },
  {
    name: 'the last core was lost',
    given: {
      status: { lastState: { terminated: { exitCode: 139, reason: 'Error', finishedAt: 'T' } } },
      answers: {
        [EVENTS]: {
          items: [{ reason: 'CoreDumpFailed', message: 'no space', involvedObject: { uid: UID } }],
        },
      },
    },
    says: /^✗ app ended at T of SIGSEGV, which makes a core; it was lost: no space$/m,
  },
] as const)
  it(`doctor ends with 1 where ${name}`, async () => {
    const { exitCode, out } = await doctor(given as Given)
    assert.match(out, says)
    assert.match(out, /\nA crash of pod\/web-0 would not be collected\.\n$/)
    assert.equal(exitCode, 1)
  })

const ended = (exitCode: number, reason = 'Error') => ({
  status: { lastState: { terminated: { exitCode, reason, finishedAt: '2026-11-21T05:00:00Z' } } },
})

for (const { name, given, says } of [
  {
    name: 'it was OOMKilled',
    given: ended(137, 'OOMKilled'),
    says: /^! app ended at 2026.* for want of memory \(OOMKilled\)/m,
  },
  {
    name: 'it was killed',
    given: ended(137),
    says: /^! app ended .* of SIGKILL, of which there is no core/m,
  },
  {
    name: 'it ended by itself',
    given: ended(1),
    says: /^! app ended .* by itself with exit code 1: without a signal there is no core\n.*--previous/m,
  },
  { name: 'it ended as Go does', given: ended(2), says: /GOTRACEBACK=crash/ },
  {
    name: 'it crashed long ago',
    given: ended(134),
    says: /^! .* of SIGABRT, which makes a core; no Event of the last hour/m,
  },
  {
    name: 'a probe ends it too soon',
    given: {
      container: {
        livenessProbe: { periodSeconds: 2, failureThreshold: 1, terminationGracePeriodSeconds: 5 },
        resources: { limits: { memory: '4Gi' } },
      },
    },
    says: /^! the liveness probe of app lets a core take 7 s .*4\.0GiB may take 82 s/m,
  },
  {
    name: 'it handles signals itself',
    given: { process: { handles: ['SIGSEGV', 'SIGQUIT'] } },
    says: /^! process 1 of app has handlers of its own for SIGSEGV:/m,
  },
  {
    name: 'it ignores SIGABRT',
    given: { process: { ignores: ['SIGABRT'] } },
    says: /^! process 1 of app ignores SIGABRT/m,
  },
  {
    name: 'heap is left out',
    given: { process: { coreDumpFilter: '00000002' } },
    says: /^! process 1 of app leaves heap and stacks out/m,
  },
  {
    name: 'it is the first process',
    given: { spec: { shareProcessNamespace: false } },
    says: /^! the first process of a container gets no signal/m,
  },
  {
    name: 'a strange runtime runs it',
    given: { spec: { runtimeClassName: 'nvidia' } },
    says: /^! runtimeClassName nvidia is not known here/m,
  },
  {
    name: 'its container waits',
    given: { status: { state: { waiting: {} } } },
    says: /^! app does not run/m,
  },
] as const)
  it(`doctor tells, and ends with 0, where ${name}`, async () => {
    const { exitCode, out } = await doctor(given as Given)
    assert.match(out, says)
    assert.equal(exitCode, 0)
  })

it('doctor works where nothing but the pod may be read, and says what is unknown', async () => {
  const { exitCode, out } = await doctor({
    answers: { [EVENTS]: FORBIDDEN, [`${NODES}/node-1`]: FORBIDDEN, [PODS]: FORBIDDEN },
  })
  assert.match(out, /^✓ the pod has the annotation coredog\.io\/inject: "true"$/m)
  assert.match(out, /^\? whether the node node-1 is ready: .*no, you may not$/m)
  assert.match(out, /^\? whether CoreDog is on the node: /m)
  assert.match(out, /would be collected, as far as could be seen\.\n$/)
  assert.equal(exitCode, 0)
})

it('doctor says what it does not see of a node whose installer may not be asked', async () => {
  const { exitCode, out } = await doctor({ answers: { [proxied('node-1', '/status.json')]: FORBIDDEN } })
  assert.match(
    out,
    /^✓ an installer of CoreDog is ready on the node node-1\n\? what the installer sees of the node/m,
  )
  assert.equal(exitCode, 0)
})

it('doctor says so where the node does not know the pod yet', async () => {
  const { out } = await doctor({ answers: { [VIEW]: { refused: 404, body: 'No pod of this node' } } })
  assert.match(out, /^\? the installer there does not know the pod/m)
})

it('doctor ends with 4 where the pod may not be read, 3 where there is none, 2 where it is no name', async () => {
  assert.equal((await doctor({ answers: { [POD]: FORBIDDEN } })).exitCode, 4)
  assert.equal((await doctor({ argv: ['pod/web-1'] })).exitCode, 3)
  for (const name of ['pod/../secrets/x', 'deployment/web', 'pod/Web'])
    assert.equal((await doctor({ argv: [name] })).exitCode, 2)
})

it('doctor shows nothing of a stranger as control characters', async () => {
  const { out } = await doctor({
    ...ended(1),
    answers: { [proxied('node-1', '/status.json')]: nodeView('node-1', { coredog: '\u001b[31m' }) },
  })
  assert.ok(!out.includes('\u001b'))
})

const CLUSTER = {
  [NODES]: { items: [node('node-1')] },
  '/apis/coredog.io/v1alpha1': { kind: 'APIResourceList' },
  'POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews': { status: { allowed: true } },
}

it('doctor without a pod looks at the cluster', async () => {
  const { exitCode, out } = await doctor({ argv: [], answers: CLUSTER })
  assert.equal(
    out,
    `✓ a crash on any of the 1 nodes would be collected
✓ the store took an object from 1 of 1 nodes
✓ coredog-api serves crashes: kubectl coredog list
✓ you may list crashes in the namespace shop
✓ you may download cores in the namespace shop

A crash of a pod that asked for it would be collected.
`,
  )
  assert.equal(exitCode, 0)
})

it('doctor without a pod says what is wrong with the cluster', async () => {
  const ill = {
    ...CLUSTER,
    [NODES]: { items: [node('node-1'), node('node-2')] },
    '/apis/coredog.io/v1alpha1': { refused: 503 },
  }
  const { exitCode, out } = await doctor({ argv: [], answers: ill })
  assert.match(out, /^✗ node-2: no installer runs here\n/m)
  assert.match(out, /^✗ coredog-api does not serve: /m)
  assert.equal(exitCode, 1)
  const without = await doctor({
    argv: [],
    answers: { ...CLUSTER, '/apis/coredog.io/v1alpha1': { refused: 404 } },
  })
  assert.match(without.out, /^! coredog-api is not installed/m)
  assert.equal(without.exitCode, 0)
})

it('doctor -o json is the same for programs', async () => {
  const { out } = await doctor({ argv: ['web-0', '-o', 'json'] })
  const { conclusion, findings } = JSON.parse(out)
  assert.equal(conclusion, 'A crash of pod/web-0 would be collected.')
  assert.deepEqual(findings[0], {
    verdict: 'ok',
    what: 'crashes of app are wanted (coredog.yaml, annotations)',
  })
})
