import assert from 'node:assert/strict'
import { it, type TestContext } from 'node:test'
import { OwnDaemonSet } from '../../installer/daemonset.ts'
import { KubeClient } from '../../kube/client.ts'
import type { KubeObject } from '../../kube/objects.ts'
import { startFakeKube } from '../fakes/fake-kube.ts'

function daemonSet(metadata: object = {}): KubeObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { namespace: 'coredog-system', name: 'coredog', ...metadata },
  }
}

async function owning(test: TestContext) {
  const fake = await startFakeKube({ objects: [daemonSet()] })
  const kube = new KubeClient(fake.access)
  test.after(async () => {
    await kube.close()
    await fake.close()
  })
  const name = { namespace: 'coredog-system', name: 'coredog' }
  return { fake, own: new OwnDaemonSet(kube, name, async () => undefined) }
}

it('OwnDaemonSet stays while it exists: a rolling update, a drained node', async t => {
  const { own } = await owning(t)
  assert.equal(await own.isLeaving(), false)
})

it('OwnDaemonSet leaves when it is gone', async t => {
  const { fake, own } = await owning(t)
  fake.remove(daemonSet())
  assert.equal(await own.isLeaving(), true)
})

it('OwnDaemonSet leaves when it is being deleted', async t => {
  const { fake, own } = await owning(t)
  fake.put(daemonSet({ deletionTimestamp: '2026-11-21T04:40:00Z' }))
  assert.equal(await own.isLeaving(), true)
})

it('OwnDaemonSet leaves when it is refused what it was allowed', async t => {
  const role = await owning(t)
  await role.own.isLeaving()
  role.fake.deny('get daemonsets')
  assert.equal(await role.own.isLeaving(), true)
  const account = await owning(t)
  await account.own.isLeaving()
  account.fake.revokeToken()
  assert.equal(await account.own.isLeaving(), true)
})

it('OwnDaemonSet stays when it was never allowed to look', async t => {
  const { fake, own } = await owning(t)
  fake.deny('get daemonsets')
  assert.equal(await own.isLeaving(), false)
})

it('OwnDaemonSet looks once more when there was no answer', async t => {
  const { fake, own } = await owning(t)
  fake.remove(daemonSet())
  fake.failNext('get daemonsets', 'reset')
  assert.equal(await own.isLeaving(), true)
})

it('OwnDaemonSet stays when nobody answers, or a proxy does', async t => {
  const { fake, own } = await owning(t)
  await own.isLeaving()
  fake.failNext('get daemonsets', 'reset', { status: 503 })
  assert.equal(await own.isLeaving(), false)
  fake.failNext('get daemonsets', { status: 404, body: 'page not found' }, { status: 404 })
  assert.equal(await own.isLeaving(), false)
})
