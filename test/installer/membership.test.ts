import assert from 'node:assert/strict'
import { it, type TestContext } from 'node:test'
import { Membership } from '../../installer/membership.ts'
import { KubeClient } from '../../kube/client.ts'
import type { KubeObject } from '../../kube/objects.ts'
import { type FakeKube, startFakeKube } from '../fakes/fake-kube.ts'

function daemonSet(metadata: object = {}, nodeSelector: object = {}): KubeObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { namespace: 'coredog-system', name: 'coredog', ...metadata },
    spec: { template: { spec: { nodeSelector } } },
  } as KubeObject
}

const NEVER = new AbortController().signal
const going = { deletionTimestamp: '2026-11-21T04:40:00Z' }
const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'coredog-system' } }
const node = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'node-1', labels: { pool: 'a' } } }

async function owning(test: TestContext) {
  const fake = await startFakeKube({ objects: [daemonSet(), namespace, node] })
  const kube = new KubeClient(fake.access)
  test.after(async () => {
    await kube.close()
    await fake.close()
  })
  const member = { namespace: 'coredog-system', daemonSet: 'coredog', node: 'node-1' }
  return { fake, own: new Membership(kube, member, async () => undefined) }
}

it('Membership stays while it exists: a rolling update, a drained node', async t => {
  const { own } = await owning(t)
  assert.equal(await own.isLeaving(), false)
})

it('Membership leaves when it is gone', async t => {
  const { fake, own } = await owning(t)
  fake.remove(daemonSet())
  assert.equal(await own.isLeaving(), true)
})

it('Membership leaves when it is being deleted', async t => {
  const { fake, own } = await owning(t)
  fake.put(daemonSet(going))
  assert.equal(await own.isLeaving(), true)
})

it('Membership leaves when it is refused what it was allowed', async t => {
  const role = await owning(t)
  await role.own.begin(NEVER)
  role.fake.deny('get daemonsets')
  assert.equal(await role.own.isLeaving(), true)
  const account = await owning(t)
  await account.own.begin(NEVER)
  account.fake.revokeToken()
  assert.equal(await account.own.isLeaving(), true)
})

it('Membership stays when it was never allowed to look', async t => {
  const { fake, own } = await owning(t)
  fake.deny('get daemonsets')
  assert.equal(await own.isLeaving(), false)
})

it('Membership looks once more when there was no answer', async t => {
  const { fake, own } = await owning(t)
  fake.remove(daemonSet())
  fake.failNext('get daemonsets', 'reset')
  assert.equal(await own.isLeaving(), true)
})

it('Membership stays when nobody answers, or a proxy does', async t => {
  const { fake, own } = await owning(t)
  await own.isLeaving()
  fake.failNext('get daemonsets', 'reset', { status: 503 })
  assert.equal(await own.isLeaving(), false)
  fake.failNext('get daemonsets', { status: 404, body: 'page not found' }, { status: 404 })
  assert.equal(await own.isLeaving(), false)
})

const ends: readonly { name: string; end: (fake: FakeKube) => void }[] = [
  {
    name: 'its Namespace is being deleted',
    end: fake => fake.put({ ...namespace, metadata: { ...namespace.metadata, ...going } }),
  },
  { name: 'its Namespace is gone', end: fake => fake.remove(namespace) },
  {
    name: 'its Node is being deleted',
    end: fake => fake.put({ ...node, metadata: { ...node.metadata, ...going } }),
  },
  { name: 'its Node is gone', end: fake => fake.remove(node) },
  { name: 'its DaemonSet wants other nodes', end: fake => fake.put(daemonSet({}, { pool: 'b' })) },
]
for (const { name, end } of ends) {
  it(`Membership leaves when ${name}, and its DaemonSet is there`, async t => {
    const { fake, own } = await owning(t)
    await own.begin(NEVER)
    end(fake)
    assert.equal(await own.isLeaving(), true)
  })
}

it('Membership stays on a node that its DaemonSet wants', async t => {
  const { fake, own } = await owning(t)
  fake.put(daemonSet({}, { pool: 'a' }))
  assert.equal(await own.isLeaving(), false)
})

it('Membership stays with the rights of an older manifest, also where it had more before', async t => {
  const { fake, own } = await owning(t)
  await own.begin(NEVER)
  fake.deny('get namespaces', 'get nodes')
  assert.equal(await own.isLeaving(), false)
})

it('Membership stays on a machine that never was a Node by that name', async t => {
  const { fake, own } = await owning(t)
  fake.remove(node)
  assert.equal(await own.isLeaving(), false)
})

it('Membership believes one answer where the others fail', async t => {
  const { fake, own } = await owning(t)
  fake.remove(daemonSet())
  fake.failNext('get namespaces', 'reset', 'reset')
  fake.failNext('get nodes', 'reset', 'reset')
  assert.equal(await own.isLeaving(), true)
})

it('Membership begins with metadata from memory: all nodes are started at once', async t => {
  const { fake, own } = await owning(t)
  await own.begin(NEVER)
  assert.deepEqual(
    fake.requests.map(({ headers, query }) => [/as=PartialObjectMetadata/.test(`${headers.accept}`), query]),
    Array(3).fill([true, { resourceVersion: '0' }]),
  )
})

it('Membership begins again where there was no answer', async t => {
  const { fake, own } = await owning(t)
  fake.failNext('get daemonsets', 'reset', { status: 503 })
  await own.begin(NEVER)
  fake.deny('get daemonsets')
  assert.equal(await own.isLeaving(), true)
})

it('Membership begins again for as long as nobody answers: a cluster that starts anew', async t => {
  const { fake, own } = await owning(t)
  const away = Array(9).fill('reset')
  for (const kind of ['daemonsets', 'namespaces', 'nodes']) fake.failNext(`get ${kind}`, ...away)
  await own.begin(NEVER)
  fake.deny('get daemonsets')
  assert.equal(await own.isLeaving(), true)
})

it('Membership begins no more than some times where it is refused', async t => {
  const { fake, own } = await owning(t)
  fake.deny('get daemonsets')
  await own.begin(NEVER)
  assert.equal(fake.requests.length, 6)
})
