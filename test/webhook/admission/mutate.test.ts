import assert from 'node:assert/strict'
import { it } from 'node:test'
import { mutate } from '../../../webhook/admission/mutate.ts'
import { readPod } from '../../../webhook/admission/pod.ts'
import { applyPatch } from './apply-patch.ts'
import { type PodJson, podOf } from './pods.ts'

const DUMPS = '/data/coredog-system/dumps'
const settings = { hostPath: true, dumpsDir: DUMPS, podSecurityDefault: 'baseline' } as const
const shop = { name: 'shop', podSecurity: 'privileged' } as const

it('mutate() gives a bare pod one volume of its own and a mount for each container (A35)', () => {
  const { pod, warnings } = mutated(podOf('bare-pod'))
  assert.deepEqual(pod.spec.volumes?.at(-1), volume(`${DUMPS}/shop/crash-test`))
  assert.deepEqual(pod.spec.containers[0]?.volumeMounts?.at(-1), mount({ subPath: 'app' }))
  assert.equal(pod.spec.containers[0]?.env, undefined)
  assert.deepEqual(warnings, [])
})

it('mutate() uses the name that a StatefulSet gives, although there is a generateName', () => {
  const { pod } = mutated(podOf('stateful-set'))
  assert.deepEqual(pod.spec.volumes?.at(-1), volume(`${DUMPS}/shop/db-0`))
  assert.equal(pod.spec.volumes?.length, 3)
})

for (const fixture of ['replica-set', 'job', 'v1beta1']) {
  it(`mutate() lets the kubelet put in the generated name of ${fixture} (A36, B8)`, () => {
    const { pod } = mutated(podOf(fixture))
    const [container] = pod.spec.containers
    assert.deepEqual(pod.spec.volumes?.at(-1), volume(`${DUMPS}/shop`))
    assert.deepEqual(container?.env?.[0], ourName)
    const subPathExpr = `$(COREDOG_POD_NAME)/${container?.name}`
    assert.deepEqual(container?.volumeMounts?.at(-1), mount({ subPathExpr }))
    assert.equal(pod.metadata.annotations?.['coredog.io/pod-name'], undefined)
  })
}

it('mutate() mounts into the listed containers and warns of those that do not exist (A31, B23)', () => {
  const { pod, warnings } = mutated(podOf('replica-set'))
  assert.deepEqual(
    pod.spec.containers.map(container => container.volumeMounts?.length),
    [2, 1],
  )
  assert.equal(pod.metadata.annotations?.['coredog.io/target-containers'], 'web')
  assert.deepEqual(warnings, [
    'annotation coredog.io/container: the pod has no container "sidecar-we-removed"',
  ])
})

it('mutate() mounts into init containers too, and makes lists that are not there (A31)', () => {
  const { pod } = mutated(podOf('init-containers'))
  const all = [...(pod.spec.initContainers ?? []), ...pod.spec.containers]
  assert.deepEqual(
    all.map(container => container.volumeMounts?.at(-1)),
    ['migrate', 'mesh', 'app'].map(subPath => mount({ subPath })),
  )
  assert.deepEqual(pod.spec.volumes, [volume(`${DUMPS}/shop/with-init`)])
})

it('mutate() writes the annotations that scripts read, in the order of the pod (A32)', () => {
  const { annotations } = mutated(podOf('init-containers')).pod.metadata
  assert.equal(annotations?.['coredog.io/pod-name'], 'with-init')
  assert.equal(annotations?.['coredog.io/target-containers'], 'migrate,mesh,app')
})

for (const fixture of ['bare-pod', 'stateful-set', 'replica-set', 'job', 'init-containers']) {
  it(`mutate() leaves ${fixture} as it is when it comes again (A38)`, () => {
    const again = mutate(readPod(mutated(podOf(fixture)).pod), shop, settings)
    assert.deepEqual('patch' in again && again.patch, [])
  })
}

const PATH_MISSING =
  'annotation coredog.io/path is required but not set (security: prevent unintended mounts)'
const skips = [
  { name: 'no annotations', annotations: {}, reason: 'no annotations', warned: false },
  {
    name: 'other annotations',
    annotations: { a: 'b' },
    reason: 'annotation coredog.io/inject not found',
    warned: false,
  },
  {
    name: 'inject=false',
    annotations: { 'coredog.io/inject': 'false' },
    reason: "annotation coredog.io/inject=false (not 'true')",
    warned: false,
  },
  {
    name: 'inject=True',
    annotations: { 'coredog.io/inject': 'True', 'coredog.io/path': '/corefile' },
    reason: "annotation coredog.io/inject=True (not 'true')",
    warned: true,
  },
  { name: 'no path', annotations: { 'coredog.io/inject': 'true' }, reason: PATH_MISSING, warned: true },
  {
    name: 'a blank path',
    annotations: { 'coredog.io/inject': 'true', 'coredog.io/path': ' ' },
    reason: PATH_MISSING,
    warned: true,
  },
  {
    name: 'a dangerous path',
    annotations: { 'coredog.io/inject': 'true', 'coredog.io/path': '/x/../etc' },
    reason: 'annotation coredog.io/path=/x/../etc is not allowed (security: dangerous path)',
    warned: true,
  },
]
for (const { name, annotations, reason, warned } of skips) {
  it(`mutate() skips a pod with ${name}, in the original's words (A33)`, () => {
    const pod = { ...podOf('bare-pod'), metadata: { name: 'crash-test', annotations } }
    assert.deepEqual(skipped(pod), { skip: reason, warnings: warned ? [reason] : [] })
  })
}

it('mutate() mounts nothing in pipe mode, where the annotation alone is consent', () => {
  const result = mutate(readPod(podOf('bare-pod')), shop, { ...settings, hostPath: false })
  assert.match('skip' in result ? result.skip : '', /^fallback\.hostPath is false/)
  assert.deepEqual(result.warnings, [])
})

for (const podSecurity of ['baseline', 'restricted', null] as const) {
  it(`mutate() leaves pods alone where the Pod Security level is ${podSecurity} (B21)`, () => {
    const result = mutate(readPod(podOf('bare-pod')), { name: 'shop', podSecurity }, settings)
    assert.match('skip' in result ? result.skip : '', /Pod Security level/)
    assert.equal(result.warnings.length, 1)
  })
}

it('mutate() goes by fallback.podSecurityDefault where the namespace has no label', () => {
  const unlabelled = { name: 'shop', podSecurity: 'unlabelled' } as const
  const pod = readPod(podOf('bare-pod'))
  const refused = mutate(pod, unlabelled, settings)
  assert.equal(
    'skip' in refused && refused.skip,
    'namespace "shop" forbids hostPath volumes (by fallback.podSecurityDefault; Pod Security level baseline)',
  )
  assert.equal(refused.warnings.length, 1)
  const mounted = mutate(pod, unlabelled, { ...settings, podSecurityDefault: 'privileged' })
  assert.ok('patch' in mounted && mounted.patch.length > 0)
})

const windows = [{ key: 'kubernetes.io/os', operator: 'In', values: ['windows'] }]
const term = (matchExpressions: object[]) => ({ matchExpressions })
const requiring = (...nodeSelectorTerms: object[]) => ({
  affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } },
})
for (const [how, spec] of Object.entries({
  'its own word': { os: { name: 'windows' } },
  'its nodes': { nodeSelector: { 'kubernetes.io/os': 'windows' } },
  'its nodes, as they were called once': { nodeSelector: { 'beta.kubernetes.io/os': 'windows' } },
  'all terms of its affinity': requiring(term(windows), term(windows)),
})) {
  it(`mutate() leaves a pod alone that is for Windows by ${how}`, () => {
    const json = podOf('bare-pod')
    Object.assign(json.spec, spec)
    assert.equal(skipped(json).skip, 'the pod is for windows')
  })
}

for (const [how, spec] of Object.entries({
  'is for Linux in each way': {
    os: { name: 'linux' },
    nodeSelector: { 'kubernetes.io/os': 'linux', disk: 'ssd' },
    ...requiring(term([{ ...windows[0], values: ['linux'] }])),
  },
  'may run on either system': requiring(term(windows), term([])),
  'must not run on Windows': requiring(term([{ ...windows[0], operator: 'NotIn' }])),
})) {
  it(`mutate() mounts into a pod that ${how}`, () => {
    const json = podOf('bare-pod')
    Object.assign(json.spec, spec)
    assert.equal(mutated(json).pod.spec.volumes?.at(-1)?.name, 'coredog-corefile')
  })
}

it('mutate() leaves out a container with a mount at the path, and says so (B23)', () => {
  const json = podOf('init-containers')
  json.spec.containers[0]!.volumeMounts = [{ name: 'mine', mountPath: '/corefile/' }]
  const { pod, warnings } = mutated(json)
  assert.equal(pod.spec.containers[0]?.volumeMounts?.length, 1)
  assert.equal(pod.metadata.annotations?.['coredog.io/target-containers'], 'migrate,mesh')
  assert.deepEqual(warnings, ['container "app" gets no /corefile: volume "mine" is mounted there'])
})

it('mutate() does not let a pod choose the name that its directory gets (B18)', () => {
  const json = podOf('job')
  json.spec.containers[0]!.env = [{ name: 'COREDOG_POD_NAME', value: 'victim' }]
  const { skip, warnings } = skipped(json)
  assert.equal(skip, 'no container to mount into')
  assert.match(warnings[0] ?? '', /COREDOG_POD_NAME of its own/)
})

it('mutate() gives nothing to a pod that would get the volume whole', () => {
  const json = podOf('job')
  json.spec.containers[0]!.volumeMounts = [{ name: 'coredog-corefile', mountPath: '/all' }]
  assert.match(skipped(json).skip, /in its own way/)
})

it('mutate() does not touch a volume of the same name that is not ours', () => {
  const json = podOf('bare-pod')
  json.spec.volumes = [{ name: 'coredog-corefile', emptyDir: {} }]
  assert.match(skipped(json).skip, /another volume/)
})

it('mutate() never makes a path of something that is no name', () => {
  const json = podOf('bare-pod')
  json.metadata.name = '../../etc'
  assert.match(skipped(json).skip, /is not a name/)
})

it('mutate() warns who mounts elsewhere than where the kernel writes to, and mounts all the same', () => {
  const kernelFolder = '/cores'
  const elsewhere = mutate(readPod(podOf('bare-pod')), shop, { ...settings, kernelFolder })
  assert.ok('patch' in elsewhere && elsewhere.patch.length > 0)
  assert.deepEqual(elsewhere.warnings, [
    'no core will get to /corefile: the kernel of the nodes writes to /cores',
  ])
  const there = mutate(readPod(podOf('bare-pod')), shop, { ...settings, kernelFolder: '/corefile' })
  assert.deepEqual(there.warnings, [])
})

it('mutate() leaves static pods alone', () => {
  const json = podOf('bare-pod')
  json.metadata.annotations!['kubernetes.io/config.mirror'] = '0'
  assert.match(skipped(json).skip, /static pod/)
})

it('mutate() needs no name longer than 63, whatever the container is called (B23)', () => {
  const json = podOf('bare-pod')
  json.spec.containers[0]!.name = 'c'.repeat(63)
  const { pod } = mutated(json)
  assert.equal(pod.spec.volumes?.at(-1)?.name, 'coredog-corefile')
  assert.equal(pod.spec.containers[0]?.volumeMounts?.at(-1)?.subPath, 'c'.repeat(63))
})

const ourName = {
  name: 'COREDOG_POD_NAME',
  valueFrom: { fieldRef: { fieldPath: 'metadata.name' } },
}

function volume(path: string) {
  return { name: 'coredog-corefile', hostPath: { path, type: 'DirectoryOrCreate' } }
}

function mount(place: object) {
  return { name: 'coredog-corefile', mountPath: '/corefile', ...place }
}

/** The pod as the API server would go on with it. */
function mutated(json: PodJson) {
  const result = mutate(readPod(json), shop, settings)
  if ('skip' in result) assert.fail(result.skip)
  return { pod: applyPatch(json, result.patch), warnings: result.warnings }
}

function skipped(json: PodJson) {
  const result = mutate(readPod(json), shop, settings)
  return 'skip' in result ? result : assert.fail('not skipped')
}
