import assert from 'node:assert/strict'
import { it } from 'node:test'
import { endOfPod, startedPod } from '../../../../cli/debug/in-cluster/debug-pod.ts'
import { FORBIDDEN, PretendedCluster } from '../../nodes/pretended-cluster.ts'

const PODS = '/api/v1/namespaces/shop/pods'
const EVENTS = '/api/v1/namespaces/shop/events'
const PLACE = { namespace: 'shop', job: 'coredog-debug-x', signal: new AbortController().signal }
const RUNNING = { running: {} }

/** Of a pod whose containers are in these states. */
function podOf(states: Readonly<Record<string, object>>, more: object = {}, metadata: object = {}) {
  const names = Object.keys(states)
  return {
    metadata: { name: 'coredog-debug-x-y', ...metadata },
    spec: { containers: names.map(name => ({ name })) },
    status: { containerStatuses: names.map(name => ({ name, state: states[name] })), ...more },
  }
}

/** The API server has one pod after the other. */
async function started(pods: readonly (object | null)[], events: object = { items: [] }) {
  const left = [...pods]
  const said: string[] = []
  const cluster = new PretendedCluster({
    [PODS]: () => {
      const pod = left.length > 1 ? left.shift() : left[0]
      return { items: pod === null ? [] : [pod] }
    },
    [EVENTS]: events,
  })
  const starting = { ...PLACE, say: (text: string) => said.push(text), pause: async () => undefined }
  return { name: await startedPod(cluster, starting), said }
}

it('startedPod() waits until the debugger runs, and says once for what', async () => {
  const unscheduled = { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/3 nodes' }
  const pending = podOf({ debugger: {} }, { conditions: [unscheduled], containerStatuses: [] })
  const pulling = podOf({ debugger: { waiting: { reason: 'ContainerCreating' } } })
  const running = podOf({ debugger: RUNNING })
  assert.deepEqual(await started([null, pending, pending, pulling, running]), {
    name: 'coredog-debug-x-y',
    said: ['waiting: Unschedulable: 0/3 nodes', 'waiting: ContainerCreating'],
  })
})

it('startedPod() waits for the crashed image, too, and goes on without it where it does not start', async () => {
  const both = (crashed: object) => podOf({ debugger: RUNNING, crashed })
  const pulling = both({ waiting: { reason: 'ContainerCreating' } })
  for (const last of [RUNNING, { waiting: { reason: 'ErrImagePull' } }, { terminated: { exitCode: 127 } }])
    assert.deepEqual((await started([pulling, both(last)])).said, ['waiting: ContainerCreating'])
})

for (const { name, pod, events, says } of [
  {
    name: 'its image is gone',
    pod: podOf({ debugger: { waiting: { reason: 'ErrImagePull', message: 'web:1: not found' } } }),
    says: /does not start: ErrImagePull: web:1: not found/,
  },
  {
    name: 'its image has no sleep',
    pod: podOf({ debugger: { terminated: { reason: 'StartError', message: 'exec: "sleep": not found' } } }),
    says: /does not start: StartError: exec: "sleep": not found/,
  },
  {
    name: 'Pod Security refuses it',
    pod: null,
    events: {
      items: [{ message: 'Error creating: pods "x" is forbidden: violates PodSecurity "x:latest"' }],
    },
    says: /does not start: Error creating: pods "x" is forbidden: violates PodSecurity/,
  },
  {
    name: 'a webhook refuses it',
    pod: null,
    events: { items: [{ message: 'admission webhook "policy" denied the request: no' }] },
    says: /denied the request: no/,
  },
])
  it(`startedPod() does not wait where ${name}`, async () => {
    await assert.rejects(started([pod], events), says)
  })

for (const { name, hint, message } of [
  {
    name: 'a quota',
    message: 'pods "x" is forbidden: exceeded quota: q',
    hint: /^Ask for less with --memory/,
  },
  { name: 'a policy', message: 'pods "x" is forbidden: no', hint: /another policy of this namespace/ },
])
  it(`startedPod() says what to do about ${name}`, async () => {
    const { hint: told } = await started([null], { items: [{ message }] }).catch(error => error)
    assert.match(told, hint)
  })

it('startedPod() waits on where Events may not be listed', async () => {
  const { name } = await started([null, podOf({ debugger: RUNNING })], FORBIDDEN)
  assert.equal(name, 'coredog-debug-x-y')
})

for (const { name, pod, is } of [
  { name: 'a pod that runs', pod: podOf({ debugger: RUNNING }), is: null },
  { name: 'no pod', pod: null, is: 'it was deleted' },
  {
    name: 'one that was killed',
    pod: podOf({ debugger: { terminated: { reason: 'OOMKilled', exitCode: 137 } } }),
    is: 'OOMKilled',
  },
  {
    name: 'one that was evicted',
    pod: podOf({ debugger: RUNNING }, { phase: 'Failed', reason: 'Evicted', message: 'low on disk' }),
    is: 'Evicted: low on disk',
  },
  {
    name: 'one that is on its way out',
    pod: podOf({ debugger: RUNNING }, {}, { deletionTimestamp: '2026-11-21T04:21:17Z' }),
    is: 'it is being deleted',
  },
])
  it(`endOfPod() has ${is === null ? 'nothing' : `"${is}"`} for ${name}`, async () => {
    const cluster = new PretendedCluster({ [PODS]: { items: pod === null ? [] : [pod] } })
    assert.equal(await endOfPod(cluster, PLACE), is)
  })
