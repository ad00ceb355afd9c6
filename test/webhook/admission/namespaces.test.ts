import assert from 'node:assert/strict'
import { it } from 'node:test'
import pino from 'pino'
import { KubeClient } from '../../../kube/client.ts'
import { NamespaceLevels } from '../../../webhook/admission/namespaces.ts'
import { type FakeKube, startFakeKube } from '../../fakes/fake-kube.ts'

const LABEL = 'pod-security.kubernetes.io/enforce'

it('levelOf() knows what the watch has seen, without asking again', async () => {
  await using kube = await startFakeKube({
    objects: [
      namespace('shop'),
      namespace('pay', 'restricted'),
      namespace('base', 'baseline'),
      namespace('odd', 'none'),
    ],
  })
  await using levels = await follow(kube)
  assert.deepEqual(await Promise.all(['shop', 'pay', 'base', 'odd'].map(name => levels.levelOf(name))), [
    'unlabelled',
    'restricted',
    'baseline',
    'restricted',
  ])
  assert.equal(asked(kube), 0)
})

it('levelOf() follows what changes', async () => {
  await using kube = await startFakeKube({ objects: [namespace('shop'), namespace('gone')] })
  await using levels = await follow(kube)
  kube.put(namespace('shop', 'restricted'))
  kube.remove(namespace('gone'))
  // A namespace after them: once the watch has brought it, it has brought the others.
  kube.put(namespace('last'))
  await until(async () => (await levels.levelOf('last')) !== null && (await levels.levelOf('gone')) === null)
  assert.equal(await levels.levelOf('shop'), 'restricted')
})

it('levelOf() asks for a namespace that the watch has not brought, once for many pods, and keeps no answer', async () => {
  await using kube = await startFakeKube({ objects: [namespace('new', 'baseline')] })
  const { levels } = unfollowed(kube)
  assert.deepEqual(await Promise.all([levels.levelOf('new'), levels.levelOf('new')]), [
    'baseline',
    'baseline',
  ])
  assert.equal(asked(kube), 1)
  kube.put(namespace('new', 'restricted'))
  assert.equal(await levels.levelOf('new'), 'restricted')
})

it('levelOf() is null for what nobody can say, and asks for nothing that is no name', async () => {
  await using kube = await startFakeKube({ objects: [namespace('shop')] })
  const { levels, lines } = unfollowed(kube)
  kube.deny('get namespaces')
  assert.equal(await levels.levelOf('shop'), null)
  assert.match(lines[0]?.hint ?? '', /verb "get" on "namespaces"/)
  const before = kube.requests.length
  for (const name of ['', '..', '../pods', 'a/b', 'x'.repeat(64), 'A'])
    assert.equal(await levels.levelOf(name), null)
  assert.equal(kube.requests.length, before)
})

it('levelOf() gives up on an API server that does not answer', async () => {
  await using kube = await startFakeKube({ objects: [namespace('shop')] })
  const { levels, lines } = unfollowed(kube)
  kube.failNext('get namespaces', 'hang')
  assert.equal(await levels.levelOf('shop'), null)
  assert.equal(lines[0]?.msg, 'namespace not read')
})

it('levelOf() does not ask for more than 32 namespaces at once', async () => {
  await using kube = await startFakeKube()
  const { levels } = unfollowed(kube)
  kube.failNext('get namespaces', ...Array.from({ length: 32 }, () => 'hang' as const))
  const waiting = Array.from({ length: 32 }, (_, index) => levels.levelOf(`n${index}`))
  await kube.asked('get namespaces', 32)
  assert.equal(await levels.levelOf('one-more'), null)
  assert.equal(asked(kube), 32)
  await kube.close()
  assert.deepEqual(new Set(await Promise.all(waiting)), new Set([null]))
})

function namespace(name: string, level?: string) {
  const labels = level === undefined ? {} : { [LABEL]: level }
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } }
}

function asked(kube: FakeKube): number {
  return kube.requests.filter(({ action }) => action === 'get namespaces').length
}

function unfollowed(kube: FakeKube) {
  const lines: { msg: string; hint?: string }[] = []
  const log = pino({}, { write: (line: string) => void lines.push(JSON.parse(line)) })
  const client = new KubeClient(kube.access)
  return { levels: new NamespaceLevels(client, log), lines, client }
}

async function follow(kube: FakeKube) {
  const { levels, client } = unfollowed(kube)
  const ending = new AbortController()
  const following = levels.follow(ending.signal)
  await kube.watched(1)
  return {
    levelOf: (name: string) => levels.levelOf(name),
    [Symbol.asyncDispose]: async () => {
      ending.abort()
      await following
      await client.close()
    },
  }
}

async function until(done: () => Promise<boolean>): Promise<void> {
  while (!(await done())) await new Promise(resolve => setImmediate(resolve))
}
