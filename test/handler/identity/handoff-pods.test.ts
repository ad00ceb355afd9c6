import assert from 'node:assert/strict'
import { it } from 'node:test'
import { parseConfig } from '../../../config/parse-config.ts'
import { decide } from '../../../config/policy.ts'
import { withHandoffPods } from '../../../handler/identity/handoff-pods.ts'
import { type Described, identify, type Runtime } from '../../../handler/identity/identify.ts'
import type { HandoffPod } from '../../../handoff/run-folder.ts'

const ID = 'a'.repeat(64)
const UID = '8f6d2a4e-1b3c-4d5e-9f70-8192a3b4c5d6'
const cgroupOf = (uid: string, id = ID) => `0::/kubepods/burstable/pod${uid}/${id}\n`
const HANDOFF: HandoffPod = {
  namespace: 'shop',
  name: 'cart-5d9-x',
  uid: UID,
  labels: { app: 'cart' },
  annotations: { 'coredog.io/inject': 'true' },
  workload: { kind: 'Deployment', name: 'cart' },
  containers: [{ name: 'cart', id: ID, image: 'cart:1', restartCount: 2 }],
}
const REMEMBERED: Described = {
  pod: { namespace: 'shop', name: 'cart-5d9-x', uid: UID, labels: { app: 'old' }, annotations: {} },
  container: { name: 'cart', image: 'cart:one' },
}

const failing: Runtime = { describe: () => Promise.reject(new Error('down')) }
const hanging: Runtime = { describe: () => new Promise(() => undefined) }
const forgetful: Runtime = { describe: async () => null }
const answering = (described: Described): Runtime => ({ describe: async () => described })

async function container(runtime: Runtime, pods: readonly HandoffPod[] | null, cgroup = cgroupOf(UID)) {
  const identity = await identify(
    cgroup,
    withHandoffPods(runtime, () => pods),
    0.01,
  )
  assert.ok(identity.kind === 'container')
  return identity
}

for (const [name, runtime] of Object.entries({ failing, hanging, forgetful })) {
  it(`withHandedPods() names pod, container and workload by the API server, with a ${name} runtime`, async () => {
    const { pod, container: named } = await container(runtime, [HANDOFF])
    assert.deepEqual([pod?.name, pod?.workload], ['cart-5d9-x', { kind: 'Deployment', name: 'cart' }])
    const logPath = `/var/log/pods/shop_cart-5d9-x_${UID}/cart/2.log`
    assert.deepEqual(named, { name: 'cart', image: 'cart:1', restartCount: 2, logPath })
  })
}

it('withHandedPods() names the pod, and no container, if only its uid is known', async () => {
  const { pod, container: unknown } = await container(failing, [{ ...HANDOFF, containers: [] }])
  assert.deepEqual([pod?.name, unknown], ['cart-5d9-x', { name: '' }])
})

it('decide() collects a container that nobody could name, though only some of its pod are wanted', async () => {
  const annotations = { 'coredog.io/inject': 'true', 'coredog.io/container': 'cart' }
  const identity = await container(failing, [{ ...HANDOFF, annotations, containers: [] }])
  const { collect } = parseConfig('StorageConfig: {protocol: cfs, CFSMountPath: /mnt}').config
  assert.deepEqual(decide(collect, identity), { do: 'collect' })
})

it('withHandedPods() does not take a static pod’s hash for a uid: whoever makes pods can write one', async () => {
  const hash = '6a9bb0b6c2f1c9b3c0ea3c1f0c1d2e3f'
  const forged = { ...HANDOFF, uid: hash, containers: [] }
  assert.equal((await container(failing, [forged], cgroupOf(hash))).pod, null)
  const known = { ...HANDOFF, uid: hash }
  assert.equal((await container(failing, [known], cgroupOf(hash))).pod?.name, 'cart-5d9-x')
})

it('withHandedPods() believes no record of a pod that the cgroup does not name', async () => {
  const { pod, unanswered } = await container(failing, [{ ...HANDOFF, uid: UID.replace('8', '9') }])
  assert.equal(pod, null)
  assert.match(unanswered ?? '', /but the cgroup says/)
})

it('withHandedPods() hears who agreed, or no longer agrees, after the pod started', async () => {
  const later = await container(answering(REMEMBERED), [HANDOFF])
  assert.deepEqual(later.pod?.annotations, { 'coredog.io/inject': 'true' })
  const agreed = { ...REMEMBERED, pod: { ...REMEMBERED.pod, annotations: HANDOFF.annotations } }
  const withdrawn = await container(answering(agreed), [{ ...HANDOFF, annotations: {} }])
  assert.deepEqual(withdrawn.pod?.annotations, {})
})

it('withHandedPods() adds the workload to what the runtime says, and changes nothing else', async () => {
  const { pod, container: named } = await container(answering(REMEMBERED), [HANDOFF])
  assert.deepEqual(pod?.workload, { kind: 'Deployment', name: 'cart' })
  assert.deepEqual([pod.labels, named], [{ app: 'old' }, REMEMBERED.container])
})

it('withHandedPods() is the runtime alone where nothing was handed over', async () => {
  const { pod } = await container(answering(REMEMBERED), null)
  assert.deepEqual(pod, REMEMBERED.pod)
  assert.equal((await container(failing, null)).unanswered, 'down')
  assert.equal((await container(forgetful, [], `0::/docker/${ID}\n`)).pod, null)
})
