import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { PodRecord } from '../../../crash/identity.ts'
import { connectRuntime } from '../../../handler/identity/cri.ts'
import { type Described, identify, type Runtime } from '../../../handler/identity/identify.ts'
import { startFakeCri } from '../../fakes/fake-cri.ts'
import { inputs } from '../../inputs.ts'

const ID = 'a'.repeat(64)
const UID = '8f6d2a4e-1b3c-4d5e-9f70-8192a3b4c5d6'
const CGROUP = `0::/kubepods.slice/kubepods-pod${UID.replaceAll('-', '_')}.slice/cri-containerd-${ID}.scope\n`
const POD: PodRecord = {
  namespace: 'shop',
  name: 'cart-0',
  uid: UID,
  labels: { app: 'cart' },
  annotations: { 'coredog.io/inject': 'true' },
}
const CONTAINER = { name: 'cart', image: 'cart:1', imageId: 'cart@sha256:1', restartCount: 2 }

function answering(described: Described | null): Runtime {
  return { describe: async () => described }
}

function failing(error: unknown): Runtime {
  return { describe: () => Promise.reject(error) }
}

/** The identity, which must be that of a container. */
async function container(cgroup: string, runtime: Runtime, deadlineSeconds?: number) {
  const identity = await identify(cgroup, runtime, deadlineSeconds)
  assert.ok(identity.kind === 'container')
  return identity
}

describe('identify', () => {
  it('says what the runtime knows of the container and its pod', async () => {
    assert.deepEqual(await identify(CGROUP, answering({ pod: POD, container: CONTAINER })), {
      kind: 'container',
      containerId: ID,
      podUid: UID,
      pod: POD,
      container: CONTAINER,
    })
  })

  it('does not ask the runtime about a process of the host', async () => {
    const untouchable = failing(new Error('was asked'))
    assert.deepEqual(await identify('0::/system.slice/ssh.service\n', untouchable), { kind: 'host' })
  })

  it('names the pod and no container if its sandbox crashed', async () => {
    const identity = await container(CGROUP, answering({ pod: POD, container: null }))
    assert.deepEqual([identity.pod, identity.container, identity.unanswered], [POD, null, undefined])
  })

  it('is a container without a pod if the runtime knows no such container', async () => {
    assert.deepEqual(await identify(`0::/docker/${ID}\n`, answering(null)), {
      kind: 'container',
      containerId: ID,
      podUid: null,
      pod: null,
      container: null,
    })
  })

  it('believes the runtime where the cgroup names no pod', async () => {
    const identity = await container(`0::/k8s.io/${ID}\n`, answering({ pod: POD, container: CONTAINER }))
    assert.equal(identity.pod?.name, 'cart-0')
  })

  it('works on a runtime’s socket', async t => {
    const containers = [{ id: ID, name: 'cart' }]
    const cri = await startFakeCri({ pods: [{ ...POD, containers }] })
    t.after(() => cri.close())
    const identity = await container(CGROUP, connectRuntime([cri.socket]), 30)
    assert.deepEqual([identity.pod, identity.container?.name], [POD, 'cart'])
  })
})

describe('identify, of a path of a log', () => {
  const paths = {
    '/var/log/pods/a/0.log': true,
    'var/log': false,
    '/a\0b': false,
    '': false,
    [`/${'a'.repeat(5000)}`]: false,
  }
  for (const [logPath, isKept] of Object.entries(paths)) {
    it(`${isKept ? 'keeps' : 'leaves out'} ${JSON.stringify(logPath.slice(0, 30))}`, async () => {
      const identity = await container(CGROUP, answering({ pod: POD, container: { ...CONTAINER, logPath } }))
      assert.equal(identity.container?.logPath, isKept ? logPath : undefined)
    })
  }
})

describe('identify, when the runtime cannot be believed', () => {
  it('distrusts a record of another pod', async () => {
    const pod = { ...POD, uid: '00000000-0000-4000-8000-000000000000' }
    const identity = await container(CGROUP, answering({ pod, container: CONTAINER }))
    assert.deepEqual([identity.pod, identity.container, identity.podUid], [null, null, UID])
    assert.equal(identity.unanswered, `the runtime says pod ${pod.uid}, but the cgroup says ${UID}`)
  })

  const hash = '6a9bb0b6c2f1c9b3c0ea3c1f0c1d2e3f'
  const staticCgroup = `0::/kubepods/burstable/pod${hash}/${ID}\n`

  it('accepts a static pod by its uid, or by the hash that the kubelet notes on it', async () => {
    const annotated = { ...POD, annotations: { 'kubernetes.io/config.hash': hash } }
    for (const pod of [annotated, { ...POD, uid: hash }]) {
      const identity = await container(staticCgroup, answering({ pod, container: CONTAINER }))
      assert.equal(identity.pod?.name, 'cart-0')
    }
  })

  it('distrusts a static pod of another hash, and a hash that stands for a uid', async () => {
    const cases = [
      { cgroup: staticCgroup, annotation: 'f'.repeat(32) },
      { cgroup: CGROUP, annotation: UID },
    ]
    for (const { cgroup, annotation } of cases) {
      const pod = { ...POD, uid: 'other', annotations: { 'kubernetes.io/config.hash': annotation } }
      assert.equal((await container(cgroup, answering({ pod, container: CONTAINER }))).pod, null)
    }
  })

  it('keeps what the cgroup says, and the reason, if the runtime fails', async () => {
    assert.deepEqual(await identify(CGROUP, failing(new Error('connect\nECONNREFUSED'))), {
      kind: 'container',
      containerId: ID,
      podUid: UID,
      pod: null,
      container: null,
      unanswered: 'connect ECONNREFUSED',
    })
  })

  it('never rejects, whatever the runtime throws and the cgroup holds', async () => {
    const runtime = fc.oneof(
      fc.anything().map(failing),
      fc.anything().map(thrown => ({
        describe() {
          throw thrown
        },
      })),
    )
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.string(), fc.constant(CGROUP)), runtime, async (text, broken) => {
        assert.match((await identify(text, broken)).kind, /^(host|container)$/)
      }),
      inputs(),
    )
  })

  it('waits no longer than its deadline, and cancels what it asked', async () => {
    let cancelled = false
    const hanging: Runtime = {
      describe(_containerId, signal) {
        signal.addEventListener('abort', () => {
          cancelled = true
        })
        return new Promise(() => undefined)
      },
    }
    const identity = await container(CGROUP, hanging, 0)
    assert.equal(identity.unanswered, `Cannot identify container "${ID}": no answer in 0 s`)
    assert.ok(cancelled)
  })

  it('does not count the time in which it had no CPU itself', async () => {
    const late = Promise.withResolvers<Described>()
    const starved = [0, 1000]
    const starvedSeconds = () => {
      if (starved.length === 1) late.resolve({ pod: POD, container: CONTAINER })
      return starved.shift() ?? 0
    }
    const identity = await identify(CGROUP, { describe: () => late.promise }, 0, starvedSeconds)
    assert.ok(identity.kind === 'container')
    assert.deepEqual([identity.pod, identity.unanswered], [POD, undefined])
  })

  it('names the socket that hung', async t => {
    const cri = await startFakeCri({ fault: 'mute' })
    t.after(() => cri.close())
    const { unanswered } = await container(CGROUP, connectRuntime([cri.socket]), 0.05)
    assert.equal(unanswered, `Cannot ask the container runtime at "${cri.socket}": no answer in time`)
  })
})

describe('identify, of what a runtime tells', () => {
  const told = async (pod: Partial<PodRecord>) =>
    (await container(CGROUP, answering({ pod: { ...POD, ...pod }, container: CONTAINER }))).pod

  it('keeps the annotations that are addressed to us, and no other', async () => {
    const annotations = {
      'kubectl.kubernetes.io/last-applied-configuration': '{"env":[{"value":"hunter2"}]}',
      'coredog.io/inject': 'true',
      'coredog.io/container': 'cart,sidecar',
    }
    const pod = await told({ annotations })
    assert.deepEqual(pod?.annotations, {
      'coredog.io/inject': 'true',
      'coredog.io/container': 'cart,sidecar',
    })
  })

  it('replaces what moves a cursor or turns a line around', async () => {
    const pod = await told({ name: 'a\u001b[2Jb\u202ec\nd', labels: { 'k\u0000': '\u200bv\u2028' } })
    assert.equal(pod?.name, 'a\ufffd[2Jb\ufffdc\ufffdd')
    assert.deepEqual(pod.labels, { 'k\ufffd': '\ufffdv\ufffd' })
  })

  it('cuts long values, and keeps a hundred labels', async () => {
    const labels = Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`label-${i}`, 'x'.repeat(318)]))
    const pod = await told({ name: 'n'.repeat(1e6), labels })
    assert.equal(pod?.name, `${'n'.repeat(316)}…`)
    assert.equal(Object.keys(pod.labels ?? {}).length, 100)
    assert.equal(pod.labels?.['label-99'], `${'x'.repeat(316)}…`)
  })

  it('leaves what Kubernetes allows as it is', async () => {
    const labels = { [`${'d'.repeat(253)}/${'n'.repeat(63)}`]: 'v'.repeat(63) }
    assert.deepEqual((await told({ labels }))?.labels, labels)
  })

  it('holds a bounded reason', async () => {
    const { unanswered } = await container(CGROUP, failing(new Error('\u001b'.repeat(1e5))))
    assert.equal(unanswered?.length, 500)
    assert.doesNotMatch(unanswered, /\p{Cc}/u)
  })

  it('does not invent what the runtime did not say', async () => {
    const sparse = await container(CGROUP, answering({ pod: POD, container: { name: 'cart' } }))
    assert.deepEqual(sparse.container, { name: 'cart' })
  })
})
