import assert from 'node:assert/strict'
import { it } from 'node:test'
import { findClusterId } from '../../../installer/supply/cluster-id.ts'
import { KubeClient } from '../../../kube/client.ts'
import { startFakeKube } from '../../fakes/fake-kube.ts'
import { openLogLines } from '../log-lines.ts'
import { Rounds } from '../rounds.ts'

const KUBE_SYSTEM = {
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name: 'kube-system', uid: '3f2a9c01-5d9f-4a4e-8f51-27e09a0a9a2b' },
}

it('findClusterId() is the beginning of the UID of kube-system, asked again until there is an answer', async t => {
  await using kube = await startFakeKube({ objects: [KUBE_SYSTEM] })
  const client = new KubeClient(kube.access)
  t.after(() => client.close())
  kube.failNext('get namespaces', { status: 500 })
  const { signal } = new AbortController()
  const rounds = new Rounds()
  const found = findClusterId(client, openLogLines().log, signal, rounds.pause, () => 0.5)
  await rounds.over()
  assert.deepEqual(rounds.waits, [60])
  void rounds.next()
  assert.equal(await found, '3f2a9c01')
})

it('findClusterId() is null where we may not ask', async t => {
  await using kube = await startFakeKube({ objects: [KUBE_SYSTEM] })
  const client = new KubeClient(kube.access)
  t.after(() => client.close())
  kube.deny('get namespaces')
  assert.equal(await findClusterId(client, openLogLines().log, new AbortController().signal), null)
})
