import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { ContainerIdentity, Identity } from '../../../crash/identity.ts'
import type { Capture } from '../../../handler/capture.ts'
import { groupsOf } from '../../../handler/deduplicate/groups.ts'
import { CONTAINER_ID, POD_UID } from '../../fakes/fake-proc.ts'

const SITE = '57b469349bba6c56'
const web: ContainerIdentity = {
  kind: 'container',
  containerId: CONTAINER_ID,
  podUid: POD_UID,
  pod: { namespace: 'shop', name: 'web' },
  container: { name: 'app', image: 'registry/web:1.4' },
}
const deployed = {
  ...web,
  pod: { namespace: 'shop', name: 'web-1', workload: { kind: 'Deployment', name: 'web' } },
}

function groups(identity: Identity | null, more: Partial<Capture> = {}) {
  const observed = { cgroup: null, executable: '/app/server' }
  // The rest of a crash says nothing of what it is counted as.
  return groupsOf({
    args: { comm: 'server', signal: 11 },
    observed,
    identity,
    core: { head: null },
    site: { site: SITE, signature: 'of the instruction alone' },
    call: null,
    ...more,
  } as Capture)
}

it('groupsOf() counts by workload, container, class of the signal and site', () => {
  const workload = ['pod', 'shop', 'Deployment', 'web']
  assert.deepEqual(groups(deployed), { workload, fingerprint: [...workload, 'app', 'memory', SITE] })
})

it('groupsOf() takes no bare pod for the workload of its name', () => {
  assert.deepEqual(groups(web).workload, ['pod', 'shop', 'Pod', 'web'])
})

it('groupsOf() takes containers that nobody could name for different ones', () => {
  const [one, other] = ['ab', 'cd'].map(
    id => groups({ ...web, containerId: id.repeat(32), container: { name: '' } }).fingerprint,
  )
  assert.notDeepEqual(one, other)
})

it('groupsOf() has no fingerprint without a site, nor for nobody', () => {
  const unsigned = [
    groups(web, { site: { signature: 'of the instruction alone' } }),
    groups({ ...web, pod: null, container: null }),
    groups(null),
  ]
  assert.deepEqual(
    unsigned.map(found => found.fingerprint),
    [null, null, null],
  )
  assert.deepEqual(unsigned[1]?.workload, ['unidentified', POD_UID])
})

it('groupsOf() counts no core against anybody that an operator replays', () => {
  const file = { corefilePath: '/corefile/core', fileBytes: 1 }
  assert.deepEqual(groups(null, { file }), { workload: null, fingerprint: null })
})

it('groupsOf() tells programs of the host apart', () => {
  assert.deepEqual(groups({ kind: 'host' }).workload, ['host', '/app/server'])
})

it('groupsOf() takes abort() of the first process of a container, which ends by another signal, for any abort()', () => {
  const args = { comm: 'server', signal: 6 } as Capture['args']
  assert.deepEqual(groups(web, { call: 'abort()' }), groups(web, { args }))
  assert.notDeepEqual(groups(web), groups(web, { args }))
})
